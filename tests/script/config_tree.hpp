// The configuration of a scenario file as its readers get it.
#pragma once

#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "base/node.hpp"
#include "yaml/document.hpp"

namespace wsblast::test {

// Of a file that is called `name` in errors.
[[nodiscard]] inline Node tree_of(const std::string& yaml, const std::string& name = "s.yml") {
    auto tree = yaml::read(yaml, std::make_shared<const std::string>(name));
    if (!tree) FAIL(tree.error().what);
    return std::move(*tree);
}

}  // namespace wsblast::test
