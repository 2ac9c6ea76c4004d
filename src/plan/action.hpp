// What users do: the vocabulary of the flat lists that scenario files, presets and the options of `run`
// compile to (plan/scenario.hpp), and that one interpreter executes (session/user_actions.hpp).
#pragma once

#include <cstdint>

namespace wsblast::plan {

using TableIndex = std::uint32_t;

enum class ActionKind : std::uint8_t {
    connect,  // connects[index]; waits until the upgrade is done
    send,     // sends[index]
    await,    // awaits[index]: the next message, or the next one that is expected
    think,    // thinks[index]
    loop,     // loops[index]: enters it, or goes on behind its end
    repeat,   // loops[index]: the end of its body, and back to its beginning
    call,     // calls[index]: a JavaScript function; waits until it is done
    log,      // logs[index]
    hold,     // holds[index]: stays, and answers what is pushed; kNever: until the connection ends
    stream,   // streams[index]: messages on a schedule of the user's own
    close,    // the closing handshake, with closes[index]
    end,      // of the list: closes what is still open

    // With the messages of the program (plan/program.hpp), by users that live as long as their connections.
    send_setup,    // the setup message
    await_setup,   // its answer, at most the answer timeout
    gate_opened,   // until every connection is here, or has failed
    next_round,    // in a run of rounds: at rest until one begins, or the run ends
    messages,      // the measured messages, each when it is due and a place is free
    settle,        // until each is answered or lost
    listen,        // only receives, until every connection has settled
    gate_settled,  // until every connection is here, or has failed
};

struct Action {
    ActionKind kind = ActionKind::end;
    TableIndex index = 0;
    std::uint32_t line = 0;  // of the file, for errors; 0: there is none
};

}  // namespace wsblast::plan
