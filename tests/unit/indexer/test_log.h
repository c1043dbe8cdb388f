#pragma once

#include "gnocchi/plugin/context.h"

namespace gnocchi {

class SilentLog final : public plugin::Log {
 public:
  void write(Level, std::string_view) override {}
  bool enabled(Level) const override { return false; }
};

}  // namespace gnocchi
