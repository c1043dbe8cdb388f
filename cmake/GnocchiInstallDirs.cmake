# Where things are installed, and how installed programs and plugins find the shared core: always
# relative to themselves, so that an installed tree can be moved.
set(GNOCCHI_INSTALL_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/gnocchi/plugins
    CACHE STRING "Where plugins are installed, below the prefix")
set(GNOCCHI_INSTALL_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Gnocchi)
cmake_path(ABSOLUTE_PATH GNOCCHI_INSTALL_PLUGIN_DIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
           NORMALIZE OUTPUT_VARIABLE GNOCCHI_INSTALL_FULL_PLUGIN_DIR)

file(RELATIVE_PATH GNOCCHI_PLUGIN_DIR_FROM_BIN
     ${CMAKE_INSTALL_FULL_BINDIR} ${GNOCCHI_INSTALL_FULL_PLUGIN_DIR})
file(RELATIVE_PATH gnocchi_lib_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH gnocchi_lib_from_plugins
     ${GNOCCHI_INSTALL_FULL_PLUGIN_DIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${gnocchi_lib_from_bin}")
set(GNOCCHI_PLUGIN_INSTALL_RPATH "$ORIGIN/${gnocchi_lib_from_plugins}")
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME server)  # see GnocchiPackage.cmake
