#include "outage.h"

namespace gnocchi::keystone {

Outage::Role Outage::enter() {
  const std::scoped_lock guard(mutex_);
  if (!out_) return Role::usual;
  if (probing_ || Clock::now() < next_probe_) throw Error(code_, reason_);
  probing_ = true;
  return Role::probe;
}

void Outage::succeeded(Role role) {
  const std::scoped_lock guard(mutex_);
  last_success_ = Clock::now();
  out_ = false;
  if (role == Role::probe) probing_ = false;
}

void Outage::failed(Role role, Clock::time_point began, const Error& error) {
  const std::scoped_lock guard(mutex_);
  if (role == Role::probe) probing_ = false;
  // Others got through meanwhile: it was this request's bad luck.
  if (last_success_ >= began) return;
  out_ = true;
  next_probe_ = Clock::now() + kPause;
  code_ = error.code();
  reason_ = error.what();
}

}  // namespace gnocchi::keystone
