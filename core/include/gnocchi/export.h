#pragma once

/// Marks what libgnocchi-plugin-api.so exports to programs and plugins.
#define GNOCCHI_API __attribute__((visibility("default")))
