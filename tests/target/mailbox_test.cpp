#include "target/mailbox.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "base/prng.hpp"

namespace wsblast::target {

namespace {

using Letters = std::vector<std::string>;

bool post(Mailbox& box, std::uint32_t channel, const std::string& text) {
    return box.post(channel, as_bytes(text));
}

Letters collect(Mailbox& box) {
    Letters letters;
    box.collect(limits::kMailboxBytes, [&](std::uint32_t channel, ByteView frame) {
        letters.push_back(std::to_string(channel) + ":" + std::string(as_text(frame)));
    });
    return letters;
}

// The `number`-th letter of a sequence, of a size of its own.
std::string letter(std::uint64_t number) {
    constexpr std::uint64_t kSizeMax = 10'000;
    std::string text = std::to_string(number) + ':';
    text.resize(text.size() + mix(number) % kSizeMax, static_cast<char>('a' + number % 26));
    return text;
}

TEST_CASE("mailbox: letters come in the order of their posts, each once", "[target][mailbox]") {
    Mailbox box;
    REQUIRE(box.ok());
    CHECK(collect(box).empty());
    CHECK(post(box, 7, "hello"));
    CHECK(post(box, 8, ""));
    CHECK(post(box, 7, "again"));
    CHECK(collect(box) == Letters{"7:hello", "8:", "7:again"});
    CHECK(collect(box).empty());
}

TEST_CASE("mailbox: a full one refuses and keeps what it has, and takes more once it is read",
          "[target][mailbox]") {
    Mailbox box;
    std::uint64_t posted = 0;
    while (post(box, 0, letter(posted))) ++posted;
    CHECK(posted > limits::kMailboxBytes / 10'000);
    CHECK_FALSE(post(box, 0, letter(posted)));
    const Letters letters = collect(box);
    REQUIRE(letters.size() == posted);
    for (std::uint64_t i = 0; i < posted; ++i) REQUIRE(letters[i] == "0:" + letter(i));
    CHECK(post(box, 0, "more"));
    CHECK(collect(box) == Letters{"0:more"});
}

TEST_CASE("mailbox: it can be read in parts", "[target][mailbox]") {
    Mailbox box;
    Letters letters;
    const auto collect_up_to = [&](std::size_t bytes_max) {
        return box.collect(bytes_max,
                           [&](std::uint32_t, ByteView frame) { letters.emplace_back(as_text(frame)); });
    };
    CHECK(collect_up_to(1));
    for (const char* text : {"1", "2", "3", "4"}) REQUIRE(post(box, 0, text));
    CHECK_FALSE(collect_up_to(1));
    CHECK(letters == Letters{"1"});
    CHECK_FALSE(collect_up_to(17));
    CHECK(letters == Letters{"1", "2", "3"});
    REQUIRE(post(box, 0, "5"));
    CHECK(collect_up_to(1'000));
    CHECK(letters == Letters{"1", "2", "3", "4", "5"});
}

TEST_CASE("mailbox: an empty one begins at its first byte and takes the largest message",
          "[target][mailbox]") {
    Mailbox box;
    const std::string largest(limits::kAssembledBytesMax + 14, 'x');
    std::vector<const std::uint8_t*> places;
    for (int i = 0; i < 10; ++i) {
        REQUIRE(box.post(0, as_bytes(largest)));
        box.collect(limits::kMailboxBytes,
                    [&](std::uint32_t, ByteView frame) { places.push_back(frame.data()); });
    }
    REQUIRE(places.size() == 10);
    for (const std::uint8_t* place : places) CHECK(place == places.front());
}

TEST_CASE("mailbox: one that is never empty goes round for ever", "[target][mailbox]") {
    constexpr std::uint64_t kLetters = 20'000;
    Mailbox box;
    std::uint64_t posted = 0;
    std::uint64_t came = 0;
    const auto keep_some = [&] {
        while (posted < kLetters && posted < came + 100) REQUIRE(post(box, 1, letter(posted++)));
    };
    keep_some();
    while (came < kLetters) {
        box.collect(limits::kMailboxBytes, [&](std::uint32_t channel, ByteView frame) {
            REQUIRE(channel == 1);
            REQUIRE(as_text(frame) == letter(came));
            ++came;
            keep_some();  // what is being read is not given back yet
        });
    }
    CHECK(posted == kLetters);
}

TEST_CASE("mailbox: one thread writes while another one reads", "[target][mailbox]") {
    constexpr std::uint64_t kLetters = 50'000;
    const auto box = std::make_unique<Mailbox>();
    std::thread writer([&] {
        for (std::uint64_t number = 0; number < kLetters; ++number) {
            const std::string text = letter(number);
            while (!post(*box, static_cast<std::uint32_t>(number), text)) std::this_thread::yield();
        }
    });
    std::uint64_t came = 0;
    std::uint64_t wrong = 0;
    while (came < kLetters) {
        box->collect(limits::kMailboxBytes, [&](std::uint32_t channel, ByteView frame) {
            wrong += channel == came && as_text(frame) == letter(came) ? 0 : 1;
            ++came;
        });
        std::this_thread::yield();
    }
    writer.join();
    CHECK(came == kLetters);
    CHECK(wrong == 0);
    CHECK(collect(*box).empty());
}

TEST_CASE("mail room: each pair of workers has a mailbox in each direction", "[target][mailbox]") {
    MailRoom room(3);
    REQUIRE(room.ok());
    REQUIRE(post(room.box(0, 2), 1, "there"));
    REQUIRE(post(room.box(2, 0), 1, "back"));
    CHECK(collect(room.box(0, 1)).empty());
    CHECK(collect(room.box(0, 2)) == Letters{"1:there"});
    CHECK(collect(room.box(2, 0)) == Letters{"1:back"});
    CHECK(MailRoom(1).ok());
}

TEST_CASE("mail room: a worker is woken in its own way, or not at all", "[target][mailbox]") {
    MailRoom room(2);
    int woken = 0;
    room.set_wake(1, [&] { ++woken; });
    room.wake(0);
    room.wake(1);
    CHECK(woken == 1);
}

}  // namespace

}  // namespace wsblast::target
