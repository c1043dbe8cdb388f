# Where things are installed, and how installed programs find the shared core and the plugins:
# always relative to the program, so that an installed tree can be moved.
set(GNOCCHI_INSTALL_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/gnocchi/plugins
    CACHE STRING "Where plugins are installed, below the prefix")
cmake_path(ABSOLUTE_PATH GNOCCHI_INSTALL_PLUGIN_DIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
           NORMALIZE OUTPUT_VARIABLE GNOCCHI_INSTALL_FULL_PLUGIN_DIR)

file(RELATIVE_PATH GNOCCHI_PLUGIN_DIR_FROM_BIN
     ${CMAKE_INSTALL_FULL_BINDIR} ${GNOCCHI_INSTALL_FULL_PLUGIN_DIR})
file(RELATIVE_PATH lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${lib_from_bin}")
