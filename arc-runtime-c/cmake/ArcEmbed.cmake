# Files in read-only memory, where a model is used from; for any ELF target.

# arc_embed(NAME FILE): a library NAME, of which #include "NAME.h" declares `NAME` and NAME_BYTES.
function(arc_embed name file)
  cmake_path(ABSOLUTE_PATH file)
  file(SIZE ${file} bytes)
  string(TOUPPER ${name} macro)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${name})
  file(CONFIGURE OUTPUT ${folder}/${name}.h @ONLY CONTENT [[
/* Made by CMake from @file@. */
#pragma once
#include <stdint.h>
#define @macro@_BYTES @bytes@u
#ifdef __cplusplus
extern "C"
#endif
extern const uint8_t @name@[@macro@_BYTES];
@ARGN@]])
  file(CONFIGURE OUTPUT ${folder}/${name}.S @ONLY CONTENT [[
    .section .rodata.@name@, "a"
    .global @name@
@name@:
    .incbin "@file@"
#ifdef __linux__
    .section .note.GNU-stack, ""
#endif
]])
  set_source_files_properties(${folder}/${name}.S PROPERTIES OBJECT_DEPENDS ${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  add_library(${name} STATIC ${folder}/${name}.S)
  target_include_directories(${name} PUBLIC ${folder})
endfunction()

# arc_add_model(NAME FILE): arc_embed for a model file; the header also has its sizes, as
# arc_model_sizes tells them at run time.
function(arc_add_model name file)
  cmake_path(ABSOLUTE_PATH file)
  file(READ ${file} header LIMIT 32 HEX)
  # "ARCM", format version 3 or 4, of integers: arc-runtime/FORMAT.md.
  if(NOT header MATCHES "^4152434d0[34]0000")
    message(FATAL_ERROR "${file}: no model of integers in format version 3 or 4; export it again")
  endif()
  string(TOUPPER ${name} macro)
  foreach(field workspace:16 features:20 context:24 batch:28)
    string(REGEX MATCH "(.*):(.*)" _ ${field})
    set(quantity ${CMAKE_MATCH_1})
    math(EXPR digit "2 * ${CMAKE_MATCH_2}")
    string(SUBSTRING ${header} ${digit} 8 little_endian)
    string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1" number ${little_endian})
    math(EXPR ${quantity} ${number})
  endforeach()
  arc_embed(${name} ${file}
"/* To compare pairs, and for the features of an image. */
#define ${macro}_WORKSPACE_BYTES ${workspace}u
#define ${macro}_FEATURE_BYTES ${features}u
/* To identify a probe among so many supports. */
#define ${macro}_IDENTIFY_BYTES(supports) ((${batch}u + ${context}u * (supports) + 3) / 4 * 4)
")
endfunction()
