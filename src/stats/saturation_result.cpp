#include "stats/saturation_result.hpp"

namespace wsblast::stats {

std::string_view to_text(LoadAxis axis) {
    switch (axis) {
        case LoadAxis::rate: return "rate";
        case LoadAxis::connections: return "connections";
        case LoadAxis::size: return "size";
        case LoadAxis::connect_rate: return "connect-rate";
    }
    return "";
}

std::string_view unit_of(LoadAxis axis) {
    switch (axis) {
        case LoadAxis::rate: return "messages/s";
        case LoadAxis::connections: return "connections";
        case LoadAxis::size: return "bytes";
        case LoadAxis::connect_rate: return "connections/s";
    }
    return "";
}

std::string_view to_text(StepPurpose purpose) {
    switch (purpose) {
        case StepPurpose::growth: return "growth";
        case StepPurpose::bisection: return "bisection";
        case StepPurpose::repetition: return "repetition";
        case StepPurpose::fit: return "fit";
    }
    return "";
}

std::string_view to_text(StepVerdict verdict) {
    switch (verdict) {
        case StepVerdict::pass: return "pass";
        case StepVerdict::fail: return "fail";
        case StepVerdict::unstable: return "unstable";
        case StepVerdict::inconclusive: return "inconclusive";
        case StepVerdict::generator: return "generator";
    }
    return "";
}

std::string_view to_text(SearchEnding ending) {
    switch (ending) {
        case SearchEnding::knee: return "knee";
        case SearchEnding::all_passed: return "all_passed";
        case SearchEnding::none_passed: return "none_passed";
        case SearchEnding::generator: return "generator";
        case SearchEnding::budget: return "budget";
        case SearchEnding::interrupted: return "interrupted";
    }
    return "";
}

std::string_view to_text(KneeMethod method) {
    switch (method) {
        case KneeMethod::fitted: return "fitted";
        case KneeMethod::bracketed: return "bracketed";
    }
    return "";
}

}  // namespace wsblast::stats
