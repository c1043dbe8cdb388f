#pragma once

#include "api/router.h"
#include "api/services.h"

namespace gnocchi::api {

/// /v1/resource/{type}/{id}/history; called by add_resource_routes.
void add_history_routes(Router& router, Services& services);

}  // namespace gnocchi::api
