# The Debian packages: cmake --build BUILD --target debs, or cpack -G DEB in the build directory.
#
#   gnocchi-cpp-server     programs, shared core, units, log rotation, /etc/gnocchi
#   gnocchi-cpp-PLUGIN     one for each plugin that is built
#   gnocchi-cpp-dev        what authors of plugins need, where the tests are built too
#
# Names of our own: Debian's packages of Python Gnocchi have versions above ours, so the same names
# would be "upgraded" to those.

set(GNOCCHI_PACKAGE_CONTACT "Gnocchi in C++ <gnocchi@localhost>" CACHE STRING
    "Maintainer named in the Debian packages")
set(GNOCCHI_PACKAGE_RELEASE 1 CACHE STRING "Release of the Debian packages, after the version")

set(deb ${CMAKE_CURRENT_BINARY_DIR}/debian)
set(docs /usr/share/doc)
set(server gnocchi-cpp-server)
gnocchi_write_units(${generated}/debian /usr/bin ${docs}/${server})
set(units "")
foreach(file IN LISTS gnocchi_unit_files)
  cmake_path(GET file FILENAME unit)
  list(APPEND units ${unit})
endforeach()
list(JOIN units " " units)

# gnocchi_deb_files(FILES... DESTINATION folder): where Debian wants them; only in the packages.
function(gnocchi_deb_files component)
  install(FILES ${ARGN} COMPONENT ${component} EXCLUDE_FROM_ALL)
endfunction()

# The components of gnocchi-cpp-server. Units lie in /lib as those of Debian's Python packages do:
# to dpkg, /usr/lib would be another place, and it would remove ours with theirs. For the same reason
# the log rotation takes the place of theirs, which would rotate the same files.
gnocchi_deb_files(debian ${gnocchi_unit_files} DESTINATION /lib/systemd/system)
gnocchi_deb_files(debian ${generated}/gnocchi.conf samples/api-paste.ini DESTINATION /etc/gnocchi)
gnocchi_deb_files(debian logrotate DESTINATION /etc/logrotate.d RENAME gnocchi-common)
gnocchi_deb_files(debian ${generated}/policy.yaml samples/haproxy.cfg samples/apache-gnocchi.conf
                  DESTINATION ${docs}/${server}/examples)
gnocchi_deb_files(debian debian/copyright DESTINATION ${docs}/${server})
gnocchi_deb_files(debian ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${docs}/${server})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/operators DESTINATION ${docs}/${server}
        COMPONENT debian EXCLUDE_FROM_ALL)

set(scripts "")
foreach(script postinst prerm postrm triggers)
  configure_file(debian/${script}.in ${deb}/${script} @ONLY
                 FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                  WORLD_READ WORLD_EXECUTE)
  list(APPEND scripts ${deb}/${script})
endforeach()
file(WRITE ${deb}/conffiles
  "/etc/gnocchi/gnocchi.conf\n/etc/gnocchi/api-paste.ini\n/etc/logrotate.d/gnocchi-common\n")
# For dpkg-shlibdeps of third parties' plugins.
file(WRITE ${deb}/shlibs "libgnocchi-plugin-api ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}\
 ${server} (>= ${PROJECT_VERSION})\n")
list(APPEND scripts ${deb}/conffiles ${deb}/shlibs)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gnocchi-cpp)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_CONTACT ${GNOCCHI_PACKAGE_CONTACT})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/debs)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${GNOCCHI_PACKAGE_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(same_version "(= ${PROJECT_VERSION}-${GNOCCHI_PACKAGE_RELEASE})")
set(python_packages
    "python3-gnocchi, gnocchi-common, gnocchi-api, gnocchi-metricd, gnocchi-statsd")

# gnocchi_deb(COMPONENT PACKAGE SUMMARY TEXT): what each package has.
macro(gnocchi_deb component package summary text)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${text}")
endmacro()

gnocchi_deb(gnocchi ${server} "multi-tenant time-series database with Gnocchi's API, in C++"
  "Clients push measures over REST, gnocchi-metricd turns them into the
aggregates of each metric's archive policy, and clients query those. Takes
the place of Python Gnocchi with configuration and data where they are.

Drivers for storage, index and authentication are packages of their own.")
set(CPACK_DEBIAN_GNOCCHI_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54)")
set(CPACK_DEBIAN_GNOCCHI_PACKAGE_CONFLICTS ${python_packages})
set(CPACK_DEBIAN_GNOCCHI_PACKAGE_REPLACES ${python_packages})
set(CPACK_DEBIAN_GNOCCHI_PACKAGE_SUGGESTS "logrotate, haproxy, mariadb-server")
set(CPACK_DEBIAN_GNOCCHI_PACKAGE_CONTROL_EXTRA ${scripts})
set(CPACK_COMPONENTS_ALL core server debian)

set(embedded "")
foreach(plugin IN LISTS plugins)
  get_target_property(drivers ${plugin} GNOCCHI_PROVIDES)
  list(JOIN drivers ", " drivers)
  string(TOUPPER ${plugin} upper)
  gnocchi_deb(${plugin} gnocchi-cpp-${plugin} "${plugin} plugin for Gnocchi in C++"
    "A plugin for the programs of ${server}, with these drivers:
${drivers}.")
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${server} ${same_version}")
  gnocchi_deb_files(${plugin} debian/copyright DESTINATION ${docs}/gnocchi-cpp-${plugin})
  if(EXISTS ${PROJECT_SOURCE_DIR}/plugins/${plugin}/README.md)
    gnocchi_deb_files(${plugin} ${PROJECT_SOURCE_DIR}/plugins/${plugin}/README.md
                      DESTINATION ${docs}/gnocchi-cpp-${plugin})
  endif()
  list(APPEND CPACK_COMPONENTS_ALL ${plugin})
  # What gnocchi-server starts with.
  if(plugin MATCHES "^(storage-rocksdb|storage-file|indexer-sqlite|auth-basic)$")
    list(APPEND embedded gnocchi-cpp-${plugin})
  endif()
endforeach()
list(JOIN embedded ", " CPACK_DEBIAN_GNOCCHI_PACKAGE_RECOMMENDS)

# gnocchi_programs(FOLDER RESULT): the programs of a folder and those below it.
function(gnocchi_programs folder result)
  set(found "")
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      list(APPEND found ${target})
    endif()
  endforeach()
  get_property(folders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(below IN LISTS folders)
    gnocchi_programs(${below} more)
    list(APPEND found ${more})
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

set(contents gnocchi-samples ${plugins})
foreach(folder core api plugins)
  gnocchi_programs(${PROJECT_SOURCE_DIR}/${folder} programs)
  list(APPEND contents ${programs})
endforeach()
if(TARGET gnocchi-driver-test)
  list(APPEND contents gnocchi-driver-test)
  list(APPEND CPACK_COMPONENTS_ALL devel)
  gnocchi_deb(devel gnocchi-cpp-dev "development files for plugins of Gnocchi in C++"
    "Headers, the CMake package Gnocchi with gnocchi_add_plugin, and
gnocchi-driver-test, which tests a driver as it was built.")
  set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
  set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "${server} ${same_version}")
  gnocchi_deb_files(devel debian/copyright DESTINATION ${docs}/gnocchi-cpp-dev)
endif()

include(CPack)
cpack_add_component_group(gnocchi)
foreach(component core server debian)
  cpack_add_component(${component} GROUP gnocchi)
endforeach()

add_custom_target(debs
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${CPACK_PACKAGE_DIRECTORY}
  COMMAND ${CMAKE_CPACK_COMMAND} --config ${CMAKE_BINARY_DIR}/CPackConfig.cmake -G DEB
  DEPENDS ${contents} USES_TERMINAL VERBATIM
  COMMENT "Debian packages in ${CPACK_PACKAGE_DIRECTORY}")
