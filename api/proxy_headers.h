#pragma once

#include "api/http.h"

namespace gnocchi::api {

/// Takes scheme, host, peer and prefix from what a proxy in front says: Forwarded (its first
/// entry), else X-Forwarded-Proto, -Host and -For; X-Forwarded-Prefix counts beside either. Only
/// for requests that come through a trusted proxy: [api] enable_proxy_headers_parsing.
void apply_proxy_headers(Request& request);

}  // namespace gnocchi::api
