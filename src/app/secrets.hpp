// Keeps secrets out of what others can see of this process.
#pragma once

#include <span>

namespace wsblast::app {

// Overwrites the secret values among the words of main()'s command line, which 'ps' shows to every user of
// the machine (proc(5), /proc/PID/cmdline). The words must have been read before.
void hide_secrets(std::span<char* const> words);

}  // namespace wsblast::app
