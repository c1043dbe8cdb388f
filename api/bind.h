#pragma once

#include "api/http.h"
#include "api/router.h"
#include "api/services.h"

namespace gnocchi::api {

/// A function that answers the requests of a route.
using Controller = void (*)(const Request&, const PathArguments&, Services&, Response&);

/// Registers controllers with the services that they work with; these must outlive the router.
class Binder {
 public:
  Binder(Router& router, Services& services) : router_(router), services_(services) {}

  void add(const char* method, const char* pattern, Controller controller) const {
    router_.add(method, pattern, bound(controller));
  }
  void add_rows(const char* method, const char* pattern, Controller controller) const {
    router_.add_rows(method, pattern, bound(controller));
  }

 private:
  Handler bound(Controller controller) const {
    return [&services = services_, controller](const Request& request,
                                               const PathArguments& arguments, Response& response) {
      controller(request, arguments, services, response);
    };
  }

  Router& router_;
  Services& services_;
};

}  // namespace gnocchi::api
