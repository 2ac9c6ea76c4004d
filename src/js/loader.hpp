// require(): CommonJS modules from files beside the processor and from node_modules.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "js/core.hpp"

namespace wsblast::js {

class Loader {
  public:
    explicit Loader(Core& core) : core_(core), modules_(core.cx) {}

    // Runs the processor and what it requires; what it exports is exports(). Usage error: "file:line:
    // what".
    [[nodiscard]] Result<void> load(const std::string& file);
    [[nodiscard]] JSObject* exports() const { return exports_; }

  private:
    [[nodiscard]] static bool require(JSContext* cx, unsigned argc, JS::Value* vp);
    // What require(name) gives in a file of `folder`. False, with an exception pending.
    [[nodiscard]] bool require(const std::string& folder, std::string_view name,
                               JS::MutableHandleValue exported);
    [[nodiscard]] bool run_file(const std::string& path, JS::MutableHandleValue exported);
    [[nodiscard]] bool run_script(const std::string& path, const std::string& source,
                                  JS::HandleObject module);
    [[nodiscard]] JSObject* new_require(const std::string& folder);
    [[nodiscard]] bool builtin(std::string_view name, JS::MutableHandleValue exported);

    // A file, or one of file.js, file.cjs, file.json, file/package.json's main, file/index.js.
    [[nodiscard]] std::optional<std::string> resolve(const std::string& path);
    [[nodiscard]] std::optional<std::string> resolve_folder(const std::string& path);
    // What the package's package.json says of "." or of "./x" in it.
    [[nodiscard]] std::optional<std::string> resolve_entry(const std::string& package,
                                                           const std::string& what);
    // name, @scope/name or name/x in a folder node_modules.
    [[nodiscard]] std::optional<std::string> resolve_module(const std::string& modules,
                                                            std::string_view name);
    [[nodiscard]] std::optional<std::string> find_package(const std::string& folder, std::string_view name);
    // How errors call it: relative to the processor's folder.
    [[nodiscard]] std::string shown(const std::string& path) const;
    [[nodiscard]] Error error_of_exception(const std::string& file);

    Core& core_;
    std::string folder_;  // the processor's, with a slash at the end; empty: the current one
    std::map<std::string, std::uint32_t> numbers_;  // of modules_, by path
    JS::PersistentRooted<JS::GCVector<JSObject*, 0, ::js::SystemAllocPolicy>> modules_;
    JS::PersistentRootedObject exports_{core_.cx};
};

}  // namespace wsblast::js
