#pragma once

namespace gnocchi::api {

/// The release of Gnocchi whose API this is: clients compare it, and want a 4 in front.
inline constexpr char kBuild[] = "4.7.0";

}  // namespace gnocchi::api
