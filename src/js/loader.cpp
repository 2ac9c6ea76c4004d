#include "js/loader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <js/CallAndConstruct.h>
#include <js/CharacterEncoding.h>
#include <js/CompilationAndEvaluation.h>
#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/PropertyAndElement.h>
#include <js/SourceText.h>
#include <js/ValueArray.h>
#include <js/friend/ErrorMessages.h>
#include <jsfriendapi.h>

#include "base/limits.hpp"
#include "js/failure.hpp"

namespace wsblast::js {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSupported =
    "supported are files (./x.js, ./x.json), modules in a node_modules folder, and of Node.js's own "
    "buffer, "
    "console, crypto, events, path, perf_hooks, process, querystring, timers, timers/promises, url, util";

// Those that we have not.
constexpr std::array<std::string_view, 27> kNodeModules = {"assert",
                                                           "async_hooks",
                                                           "child_process",
                                                           "cluster",
                                                           "constants",
                                                           "dgram",
                                                           "diagnostics_channel",
                                                           "dns",
                                                           "domain",
                                                           "fs",
                                                           "fs/promises",
                                                           "http",
                                                           "http2",
                                                           "https",
                                                           "module",
                                                           "net",
                                                           "os",
                                                           "punycode",
                                                           "readline",
                                                           "stream",
                                                           "string_decoder",
                                                           "tls",
                                                           "tty",
                                                           "v8",
                                                           "vm",
                                                           "worker_threads",
                                                           "zlib"};

bool is_node_module(std::string_view name) {
    return std::find(kNodeModules.begin(), kNodeModules.end(), name) != kNodeModules.end();
}

std::optional<std::string> read_text(const std::string& path) {
    std::error_code error;
    if (fs::file_size(path, error) > limits::kScriptFileMax || error) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return std::nullopt;
    return std::move(text).str();
}

// A byte order mark and a line "#!" are no JavaScript within a function; lines stay where they are, and the
// last one is one that says something.
std::string as_body(std::string source) {
    if (source.starts_with("\xef\xbb\xbf")) source.erase(0, 3);
    if (source.starts_with("#!")) source.replace(0, 2, "//");
    source.erase(source.find_last_not_of(" \t\r\n") + 1);
    return source;
}

// `return` where there is no function: a module may have it.
bool is_return(JSContext* cx, const JS::ExceptionStack& stack) {
    if (!stack.exception().isObject()) return false;
    const JS::RootedObject thrown(cx, &stack.exception().toObject());
    const JSErrorReport* report = JS_ErrorFromException(cx, thrown);
    return report != nullptr && report->errorNumber == JSMSG_BAD_RETURN_OR_YIELD;
}

// The text is no function's body: an exception is pending. Compiled as a script it says more exactly why
// not, since nothing of ours stands around it.
void explain_fault(JSContext* cx, const char* file, JS::SourceText<char16_t>& text) {
    JS::ExceptionStack of_function(cx);
    JS::ExceptionStack of_script(cx);
    if (!JS::StealPendingExceptionStack(cx, &of_function)) return;
    JS::CompileOptions options(cx);
    options.setFileAndLine(file, 1);
    const JS::RootedScript script(cx, JS::Compile(cx, options, text));
    const bool explained =
        script == nullptr && JS::StealPendingExceptionStack(cx, &of_script) && !is_return(cx, of_script);
    JS::SetPendingExceptionStack(cx, explained ? of_script : of_function);
}

bool is_file(const std::string& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

std::string normal(const std::string& path) {
    return fs::path(path).lexically_normal().string();
}

}  // namespace

// --- the processor -------------------------------------------------------------------------------

Result<void> Loader::load(const std::string& file) {
    if (file.ends_with(".ts")) return usage_error(file + ": TypeScript: compile it to JavaScript first");
    if (file.ends_with(".mjs")) {
        return usage_error(file + ": an ES module: processors are CommonJS (module.exports, require)");
    }
    const std::string path = normal(file);
    folder_ = path.substr(0, path.rfind('/') + 1);
    if (!is_file(path)) return usage_error(file + ": there is no such file");
    core_.current = kNobody;
    bool ran = false;
    JS::RootedValue exported(core_.cx);
    {
        const Watchdog::Piece piece(core_.watchdog);
        ran = run_file(path, &exported) && core_.jobs.run();
    }
    if (!ran) return error_of_exception(file);
    if (!exported.isObject()) {
        return usage_error(file +
                           ": module.exports is no object: module.exports = { name: function, ... }");
    }
    exports_ = &exported.toObject();
    return {};
}

Error Loader::error_of_exception(const std::string& file) {
    core_.jobs.clear();
    if (!JS_IsExceptionPending(core_.cx)) {
        return usage_error(file + ": while it was loaded: " + core_.stop_reason);
    }
    Failure failure = take_exception(core_.cx, core_.text);
    if (failure.what.find("declarations may only appear at top level of a module") != std::string::npos) {
        failure.what += ": processors are CommonJS (module.exports, require)";
    }
    if (failure.file.empty()) return usage_error(failure.what);
    const std::string folder = failure.file.starts_with('/') ? "" : folder_;
    return usage_error(folder + failure.file + ":" + std::to_string(failure.line) + ": " + failure.what);
}

std::string Loader::shown(const std::string& path) const {
    return path.starts_with(folder_) ? path.substr(folder_.size()) : path;
}

// --- a module ------------------------------------------------------------------------------------

bool Loader::run_file(const std::string& path, JS::MutableHandleValue exported) {
    JSContext* cx = core_.cx;
    const auto known = numbers_.find(path);
    if (known != numbers_.end()) {
        JS::RootedObject module(cx, modules_[known->second]);
        return JS_GetProperty(cx, module, "exports", exported);  // of a circle, what there is so far
    }
    const std::optional<std::string> source = read_text(path);
    if (!source) return fail(cx, "cannot read " + shown(path));
    JS::RootedObject module(cx, JS_NewPlainObject(cx));
    JS::RootedObject exports(cx, JS_NewPlainObject(cx));
    if (module == nullptr || exports == nullptr || !modules_.append(module) ||
        !JS_DefineProperty(cx, module, "exports", exports, JSPROP_ENUMERATE)) {
        return false;
    }
    numbers_[path] = static_cast<std::uint32_t>(modules_.length() - 1);
    if (path.ends_with(".json")) {
        JS::RootedValue value(cx);
        if (!to_value(cx, Value::of_json(*source), &value)) {
            return fail(cx, shown(path) + ": " + take_exception(cx, core_.text).what);
        }
        if (!JS_SetProperty(cx, module, "exports", value)) return false;
    } else if (!run_script(path, as_body(*source), module)) {
        return false;
    }
    return JS_GetProperty(cx, module, "exports", exported);
}

bool Loader::run_script(const std::string& path, const std::string& source, JS::HandleObject module) {
    JSContext* cx = core_.cx;
    static constexpr const char* kNames[] = {"exports", "require", "module", "__filename", "__dirname"};
    const std::string name = shown(path);
    JS::CompileOptions options(cx);
    options.setFileAndLine(name.c_str(), 0);  // SpiderMonkey puts a line `function (...) {` before it
    // As UTF-16: what is UTF-8 is taken for Latin-1 by this call of SpiderMonkey 102.
    std::size_t units = 0;
    const JS::UniqueTwoByteChars chars(
        JS::LossyUTF8CharsToNewTwoByteCharsZ(cx, JS::UTF8Chars(source.data(), source.size()), &units,
                                             ::js::MallocArena)
            .get());
    JS::SourceText<char16_t> text;
    JS::RootedObjectVector scopes(cx);
    if (chars == nullptr || !text.init(cx, chars.get(), units, JS::SourceOwnership::Borrowed)) return false;
    JS::RootedFunction function(
        cx, JS::CompileFunction(cx, scopes, options, nullptr, std::size(kNames), kNames, text));
    if (function == nullptr) return explain_fault(cx, name.c_str(), text), false;
    const std::string folder = path.substr(0, path.rfind('/') + 1);
    JS::RootedValueArray<5> args(cx);
    JS::RootedObject require_object(cx, new_require(folder));
    JS::RootedString file_text(cx, to_string(cx, path));
    JS::RootedString folder_text(cx,
                                 to_string(cx, folder.empty() ? "." : folder.substr(0, folder.size() - 1)));
    if (require_object == nullptr || file_text == nullptr || folder_text == nullptr) return false;
    if (!JS_GetProperty(cx, module, "exports", args[0])) return false;
    args[1].setObject(*require_object);
    args[2].setObject(*module);
    args[3].setString(file_text);
    args[4].setString(folder_text);
    JS::RootedValue ignored(cx);
    JS::RootedObject self(cx, &args[0].toObject());
    return JS::Call(cx, self, function, args, &ignored);
}

JSObject* Loader::new_require(const std::string& folder) {
    JSContext* cx = core_.cx;
    JSFunction* function = ::js::NewFunctionWithReserved(cx, require, 1, 0, "require");
    if (function == nullptr) return nullptr;
    JS::RootedObject object(cx, JS_GetFunctionObject(function));
    JS::RootedString folder_text(cx, to_string(cx, folder));
    if (folder_text == nullptr) return nullptr;
    ::js::SetFunctionNativeReserved(object, 0, JS::PrivateValue(this));
    ::js::SetFunctionNativeReserved(object, 1, JS::StringValue(folder_text));
    return object;
}

bool Loader::require(JSContext* cx, unsigned argc, JS::Value* vp) {
    JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
    auto* loader = static_cast<Loader*>(::js::GetFunctionNativeReserved(&args.callee(), 0).toPrivate());
    if (!args.get(0).isString()) return fail(cx, "require() takes the name of a module");
    JS::RootedString folder_text(cx, ::js::GetFunctionNativeReserved(&args.callee(), 1).toString());
    const std::string folder(loader->core_.text.take(cx, folder_text));
    JS::RootedString name_text(cx, args[0].toString());
    const std::string name(loader->core_.text.take(cx, name_text));
    return loader->require(folder, name, args.rval());
}

bool Loader::require(const std::string& folder, std::string_view name, JS::MutableHandleValue exported) {
    const std::string asked = "require('" + std::string(name) + "')";
    const bool is_path = name.starts_with("./") || name.starts_with("../") || name.starts_with('/') ||
                         name == "." || name == "..";
    if (is_path) {
        const std::string base = name.starts_with('/') ? "" : folder;
        const std::optional<std::string> path = resolve(normal(base + std::string(name)));
        return path ? run_file(*path, exported) : fail(core_.cx, asked + ": there is no such file");
    }
    const std::string_view bare = name.starts_with("node:") ? name.substr(5) : name;
    if (!builtin(bare, exported)) return false;
    if (!exported.isUndefined()) return true;
    const std::optional<std::string> path = bare == name ? find_package(folder, name) : std::nullopt;
    if (path) return run_file(*path, exported);
    const std::string why = bare != name || is_node_module(name)
                                ? ": a module of Node.js, which is not supported; "
                                : ": there is no such module; ";
    return fail(core_.cx, asked + why + kSupported);
}

bool Loader::builtin(std::string_view name, JS::MutableHandleValue exported) {
    JSContext* cx = core_.cx;
    JS::RootedString text(cx, to_string(cx, name));
    if (text == nullptr) return false;
    JS::RootedValueArray<1> args(cx);
    args[0].setString(text);
    return JS::Call(cx, JS::UndefinedHandleValue, core_.prepared.builtin, args, exported);
}

// --- where it is ---------------------------------------------------------------------------------

std::optional<std::string> Loader::resolve(const std::string& path) {
    for (const char* ending : {"", ".js", ".cjs", ".json"}) {
        if (is_file(path + ending)) return path + ending;
    }
    return resolve_folder(path);
}

std::optional<std::string> Loader::resolve_folder(const std::string& path) {
    if (auto file = resolve_entry(path, ".")) return file;
    const std::string index = path + "/index.js";
    return is_file(index) ? std::optional(index) : std::nullopt;
}

std::optional<std::string> Loader::resolve_entry(const std::string& package, const std::string& what) {
    JSContext* cx = core_.cx;
    const std::optional<std::string> json = read_text(package + "/package.json");
    if (!json) return std::nullopt;
    JS::RootedValueArray<2> args(cx);
    JS::RootedValue entry(cx);
    JSString* text = to_string(cx, *json);
    if (text != nullptr) args[0].setString(text);
    JSString* path = to_string(cx, what);
    if (path != nullptr) args[1].setString(path);
    if (!JS::Call(cx, JS::UndefinedHandleValue, core_.prepared.entry_of, args, &entry)) {
        JS_ClearPendingException(cx);  // no JSON: index.js, as Node.js has it for one without `main`
    }
    if (!entry.isString()) return std::nullopt;
    JS::RootedString name(cx, entry.toString());
    const std::string file = normal(package + "/" + std::string(core_.text.take(cx, name)));
    for (const char* ending : {"", ".js", ".json", "/index.js"}) {
        if (is_file(file + ending)) return file + ending;
    }
    return std::nullopt;
}

std::optional<std::string> Loader::resolve_module(const std::string& modules, std::string_view name) {
    const std::size_t scope = name.starts_with('@') ? name.find('/') : 0;
    const std::size_t end = scope == std::string_view::npos ? scope : name.find('/', scope + 1);
    if (end != std::string_view::npos) {
        const std::string package = normal(modules + "/" + std::string(name.substr(0, end)));
        if (auto path = resolve_entry(package, "." + std::string(name.substr(end)))) return path;
    }
    return resolve(normal(modules + "/" + std::string(name)));
}

std::optional<std::string> Loader::find_package(const std::string& folder, std::string_view name) {
    std::error_code error;
    fs::path place = fs::absolute(folder.empty() ? "." : folder, error).lexically_normal();
    const fs::path near = folder;
    // The folder's own one by its relative path, so that errors show it as a person knows it.
    if (auto path = resolve_module((near / "node_modules").string(), name)) return path;
    for (; place.has_relative_path(); place = place.parent_path()) {
        if (auto path = resolve_module((place / "node_modules").string(), name)) return path;
    }
    return std::nullopt;
}

}  // namespace wsblast::js
