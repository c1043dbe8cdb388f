#pragma once

#include <string>
#include <string_view>

#include "gnocchi/error.h"

namespace gnocchi::plugin {

/// One shape for all messages of the loader: an ID, who asked, and on the next line what happened.
[[noreturn]] inline void refuse(std::string_view id, std::string_view asked_by,
                                const std::string& what) {
  std::string text(id);
  if (!asked_by.empty()) text.append("  ").append(asked_by);
  throw Error(Error::Code::invalid_config, text + "\n  " + what);
}

}  // namespace gnocchi::plugin
