#include "js/failure.hpp"

#include <string_view>

#include <js/Conversions.h>
#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/SavedFrameAPI.h>
#include <jsapi.h>

namespace wsblast::js {

namespace {

struct Place {
    std::string file;
    std::uint32_t line = 0;
};

// The innermost call that is the script's own.
Place place_in(JSContext* cx, JS::HandleObject stack, TextBuffer& buffer) {
    JS::RootedObject frame(cx, stack);
    while (frame != nullptr) {
        JS::RootedString source(cx);
        Place place;
        JS::GetSavedFrameSource(cx, nullptr, frame, &source);
        JS::GetSavedFrameLine(cx, nullptr, frame, &place.line);
        if (source != nullptr) place.file = buffer.take(cx, source);
        if (!place.file.empty() && place.file != kPreludeFile && place.file != "self-hosted") return place;
        JS::RootedObject parent(cx);
        JS::GetSavedFrameParent(cx, nullptr, frame, &parent);
        frame = parent;
    }
    return {};
}

// Of a bracket that is not closed: where it was opened.
void add_notes(const JSErrorReport& error, std::string& what) {
    if (error.notes == nullptr) return;
    for (const auto& note : *error.notes) what += std::string("; ") + note->message().c_str();
}

Failure describe_stack(JSContext* cx, const JS::ExceptionStack& stack, TextBuffer& buffer) {
    JS::ErrorReportBuilder report(cx);
    Failure failure;
    if (!report.init(cx, stack, JS::ErrorReportBuilder::NoSideEffects)) {
        JS_ClearPendingException(cx);
        return {.what = "an exception that cannot be shown"};
    }
    failure.what = report.toStringResult().c_str();
    // What is no Error is reported as "uncaught exception: " and the value.
    constexpr std::string_view kUncaught = "uncaught exception: ";
    if (failure.what.starts_with(kUncaught)) failure.what.erase(0, kUncaught.size());
    if (stack.exception().isObject()) {
        JS::RootedObject thrown(cx, &stack.exception().toObject());
        const JSErrorReport* error = JS_ErrorFromException(cx, thrown);
        if (error != nullptr && error->filename != nullptr) {
            failure.file = error->filename;
            failure.line = error->lineno;
        }
        if (error != nullptr && error->message()) failure.message = error->message().c_str();
        if (error != nullptr) add_notes(*error, failure.what);
    }
    if (failure.message.empty()) failure.message = failure.what;
    if (failure.file.empty() || failure.file == kPreludeFile) {
        const Place place = place_in(cx, stack.stack(), buffer);
        failure.file = place.file;
        failure.line = place.line;
    }
    return failure;
}

}  // namespace

std::string Failure::text() const {
    return file.empty() ? what : what + " (" + file + ":" + std::to_string(line) + ")";
}

Failure describe(JSContext* cx, JS::HandleValue thrown, TextBuffer& buffer) {
    JS::RootedObject frame(cx);
    if (thrown.isObject()) {
        JS::RootedObject object(cx, &thrown.toObject());
        frame = JS::ExceptionStackOrNull(object);
    }
    return describe_stack(cx, JS::ExceptionStack(cx, thrown, frame), buffer);
}

Failure take_exception(JSContext* cx, TextBuffer& buffer) {
    JS::ExceptionStack stack(cx);
    if (!JS::StealPendingExceptionStack(cx, &stack)) {
        JS_ClearPendingException(cx);
        return {.what = "out of memory"};
    }
    return describe_stack(cx, stack, buffer);
}

}  // namespace wsblast::js
