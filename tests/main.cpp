// The main function of every test program, compiled once. The tests themselves mirror the sources.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
