#pragma once

#include <cstddef>
#include <span>

#include "core/query/frame.h"
#include "core/query/operation.h"

namespace gnocchi::query {

/// Evaluates a program, which must have a reference, over one frame. `references` says of each
/// source which reference has found it: the column with source s is one of
/// program.references[references[s]]. Operations on two frames, and aggregate, make an aggregated
/// one. `max_points` bounds the points held at a time.
///
/// Throws Refused{invalid_value} where series do not fit: a window longer than they are, operands
/// of different times or numbers of series; TooManyPoints.
Frame evaluate(const Program& program, Frame input, std::span<const std::size_t> references,
               std::size_t max_points);

}  // namespace gnocchi::query
