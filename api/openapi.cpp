// /v1/openapi.json: what this API is, for who writes clients (api/openapi.json).
#include "api/openapi.h"

#include "api/router.h"
#include "api/services.h"

namespace gnocchi::api {

void add_openapi_route(Router& router) {
  router.add_open("GET", "/v1/openapi.json",
                  [](const Request&, const PathArguments&, Response& response) {
                    response.headers.set("Content-Type", "application/json");
                    response.body = openapi_document();
                  });
}

}  // namespace gnocchi::api
