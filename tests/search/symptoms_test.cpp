#include "search/symptoms.hpp"

#include <catch2/catch.hpp>

namespace wsblast::search {

using stats::ErrorKind;

TEST_CASE("symptoms: nothing went wrong", "[search][symptoms]") {
    Evidence evidence;
    evidence.counters.attempted = evidence.counters.successful = evidence.established = 1'000;
    CHECK(symptoms_of(evidence).total() == 0);
}

TEST_CASE("symptoms: every error of a connection is one, and counted once", "[search][symptoms]") {
    for (std::size_t i = 0; i < stats::kErrorKinds; ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        const bool of_connection = stats::info(kind).scope == stats::ErrorScope::connection;
        // Ours: the peer did not answer a close.
        const bool counts = of_connection && kind != ErrorKind::close_timeout;
        Evidence evidence;
        evidence.counters.error(kind) = 7;
        CAPTURE(stats::info(kind).name);
        CHECK(symptoms_of(evidence).total() == (counts ? 7 : 0));
    }
}

TEST_CASE("symptoms: a timeout is one before or after TCP was established", "[search][symptoms]") {
    Evidence evidence;
    evidence.counters.successful = 1'000;
    evidence.counters.error(ErrorKind::connect_timeout) = 100;
    evidence.counters.error(ErrorKind::upgrade_status) = 5;

    SECTION("none was established") {
        evidence.established = 1'005;
        CHECK(symptoms_of(evidence)[Symptom::syn_unanswered] == 100);
        CHECK(symptoms_of(evidence)[Symptom::upgrade_unanswered] == 0);
    }
    SECTION("some were") {
        evidence.established = 1'045;
        CHECK(symptoms_of(evidence)[Symptom::syn_unanswered] == 60);
        CHECK(symptoms_of(evidence)[Symptom::upgrade_unanswered] == 40);
    }
    SECTION("those that are in flight are none") {
        evidence.established = 1'305;
        CHECK(symptoms_of(evidence)[Symptom::syn_unanswered] == 0);
        CHECK(symptoms_of(evidence)[Symptom::upgrade_unanswered] == 100);
    }
}

TEST_CASE("symptoms: the worst is the most frequent, all timeouts together", "[search][symptoms]") {
    Evidence evidence;
    evidence.counters.error(ErrorKind::refused) = 50;
    evidence.counters.error(ErrorKind::connect_timeout) = 60;
    evidence.established = 20;
    CHECK(symptoms_of(evidence).worst() == Symptom::upgrade_unanswered);
    evidence.established = 0;
    CHECK(symptoms_of(evidence).worst() == Symptom::syn_unanswered);
    evidence.counters.error(ErrorKind::refused) = 61;
    evidence.established = 20;
    CHECK(symptoms_of(evidence).worst() == Symptom::refused);
    evidence.unanswered = 100;
    CHECK(symptoms_of(evidence).worst() == Symptom::no_answer);
}

}  // namespace wsblast::search
