#pragma once

#include <string_view>

namespace gnocchi::service {

/// Tells systemd about this process (sd_notify(3)): "READY=1", "STOPPING=1", "STATUS=...". Does
/// nothing where $NOTIFY_SOCKET is not set.
void notify_systemd(std::string_view state);

/// "RELOADING=1" with the time that systemd wants beside it.
void notify_reloading();

}  // namespace gnocchi::service
