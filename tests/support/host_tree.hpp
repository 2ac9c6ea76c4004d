// A made-up /proc and /sys in a folder of its own, removed with the object.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <stdlib.h>

#include "host/sysctls.hpp"

namespace wsblast::test {

class HostTree {
  public:
    HostTree() {
        std::string name = (std::filesystem::temp_directory_path() / "wsblast-host-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    HostTree(const HostTree&) = delete;
    HostTree& operator=(const HostTree&) = delete;
    ~HostTree() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    // A file at an absolute path of the made-up machine.
    void put(const std::string& path, const std::string& content) const {
        const std::filesystem::path place = folder_ + path;
        std::filesystem::create_directories(place.parent_path());
        std::ofstream(place) << content;
    }
    void put_sysctl(const std::string& name, const std::string& value) const {
        put(host::sysctl_path(name), value + "\n");
    }

    [[nodiscard]] host::HostFiles files() const { return {folder_}; }
    [[nodiscard]] const std::string& folder() const { return folder_; }

  private:
    std::string folder_;
};

}  // namespace wsblast::test
