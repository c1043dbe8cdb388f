#pragma once

#include <string>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi {

/// A condition on rows, checked and typed by core; a driver only turns it into its own language.
///
/// Fields of resources: id, type, creator, created_by_user_id, created_by_project_id, user_id,
/// project_id, original_resource_id, started_at, ended_at, revision_start, revision_end, revision,
/// and "lifespan" (ended_at or now, minus started_at, compared with a Timespan in int64 ns); any
/// attribute of the type queried, as "attributes.NAME".
/// Fields of metrics: id, name, unit, archive_policy_name, creator, created_by_user_id,
/// created_by_project_id, resource_id, status ("active", "delete"); of the metric's resource, with
/// "resource." in front: resource.project_id, resource.creator, resource.created_by_project_id, ...
///
/// created_by_user_id is the creator up to its first ':' and created_by_project_id the rest after
/// it (empty if there is none).
///
/// Equality of strings is exact: byte for byte, case counts, whatever the database's collation.
/// NULL follows Gnocchi: eq NULL is "is null"; ne NULL is "is not null"; ne VALUE also matches
/// NULL; everything else is SQL's three-valued logic, so that not(in(x, [...])) leaves NULLs out.
struct Filter {
  enum class Op {
    all_of,  ///< children; true if there are none
    any_of,  ///< children; false if there are none
    negate,  ///< one child
    eq,
    ne,
    lt,
    le,
    gt,
    ge,
    like,  ///< SQL's % and _, with the database's own case rules
    in,    ///< field is one of values
  };

  Op op = Op::all_of;
  std::vector<Filter> children;
  std::string field;
  std::vector<Value> values;  ///< one for a comparison, one or more for `in`

  static Filter all(std::vector<Filter> children) {
    return {Op::all_of, std::move(children), {}, {}};
  }
  static Filter any(std::vector<Filter> children) {
    return {Op::any_of, std::move(children), {}, {}};
  }
  static Filter no(Filter child) {
    Filter filter{Op::negate, {}, {}, {}};
    filter.children.push_back(std::move(child));
    return filter;
  }
  static Filter compare(Op op, std::string field, Value value) {
    Filter filter{op, {}, std::move(field), {}};
    filter.values.push_back(std::move(value));
    return filter;
  }
  static Filter one_of(std::string field, std::vector<Value> values) {
    return {Op::in, {}, std::move(field), std::move(values)};
  }
};

/// One key of an ordering.
struct Sort {
  enum class Direction { ascending, descending };
  enum class Nulls { database_default, first, last };
  std::string field;
  Direction direction = Direction::ascending;
  Nulls nulls = Nulls::database_default;
};

}  // namespace gnocchi
