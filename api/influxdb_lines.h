#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/pipeline/measure_collector.h"
#include "gnocchi/types.h"

/// InfluxDB's line protocol and its one query that means something here. Pure functions; any
/// thread.
namespace gnocchi::api {

struct LineOptions {
  std::string resource_tag = "host";  ///< the tag whose value is the resource's id
  std::int64_t unit_ns = 1;           ///< of timestamps
  Timestamp now;                      ///< of lines without one
};

/// Puts each numeric field of each line into `measures`: resource: the value of the resource's tag;
/// metric: "<measurement>.<field>@<tag>=<value>,..." of the other tags sorted, "@" only if there
/// are any, "/" replaced by "_".
///
///   measurement[,tag=value...] field=value[,field=value...] [timestamp]
///
/// Names and tags: "\ ", "\," and "\=" stand for the character alone, any other backslash for
/// itself; a name in double quotes ends at the next quote ("\"": a quote). Values: a number; digits
/// with i or u; t, T, true, True, TRUE and their opposites (1 and 0); a text in double quotes,
/// which may span lines and is left out. Lines may be empty, end in CR LF, or be a comment ("#").
///
/// Throws HttpError 400 "Unable to parse line 3: column 17: ..." (columns count bytes), and 400 for
/// a line without the resource's tag or with one that no resource may have as its id.
void parse_lines(std::string_view body, const LineOptions& options,
                 pipeline::MeasureCollector& measures);

/// The unit of `precision` as InfluxDB 1.x has it: n, ns, u, ms, s, m, h. nullopt: none of them.
std::optional<std::int64_t> precision_unit_ns(std::string_view precision);

/// X of CREATE DATABASE X, in any case, quoted or not; what follows is ignored, as upstream does.
/// nullopt: another query.
std::optional<std::string> created_database(std::string_view query);

}  // namespace gnocchi::api
