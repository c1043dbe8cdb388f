#pragma once

#include <exception>
#include <optional>
#include <span>

#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

/// What happens to objects that cannot be decoded while a metric is written: they are named in the
/// log and replaced by what the metric's other data give.
namespace gnocchi::pipeline {

void log_damage(plugin::Log& log, const ObjectRef& ref, const std::exception& error);

/// Drops the splits that cannot be decoded from `objects` (one per ref, all of splits), so that the
/// work goes on without them.
void drop_damaged(plugin::Log& log, std::span<const ObjectRef> refs,
                  std::span<std::optional<StoredObject>> objects);

}  // namespace gnocchi::pipeline
