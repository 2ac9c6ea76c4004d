// The functions of C++ that our own JavaScript (the prelude) is built on, and context.ws.send().
#pragma once

#include <js/TypeDecls.h>

namespace wsblast::js {

// Puts them into `object`. False, with an exception pending: no memory.
//
//     send(text)            of a socket, as a method: `this` is context.ws
//     isOpen(socket)        whether its user has a connection
//     listen(socket, on)    whether messages have handlers
//     userOf(socket)        its user's number
//     emit(kind, name, n)   0 counter, 1 histogram, 2 rate
//     log(level, text)      0 debug, 1 info, 2 warning, 3 error
//     setTimer(fn, ms, on)  `on`: again and again; returns its number
//     clearTimer(number)
//     now()                 milliseconds since the machine was made
//     environment()         the environment's variables, as an object
//     workingFolder()       the process's
[[nodiscard]] bool define_natives(JSContext* cx, JS::HandleObject object);

}  // namespace wsblast::js
