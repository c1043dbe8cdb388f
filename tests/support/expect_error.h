#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "gnocchi/error.h"

namespace gnocchi::support {

/// That `call` throws Error of that code, with these words in its text.
template <class Call>
void expect_error(Error::Code code, std::string_view part_of_what, Call call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string_view(error.what()).find(part_of_what), std::string_view::npos)
        << error.what();
  }
}

}  // namespace gnocchi::support
