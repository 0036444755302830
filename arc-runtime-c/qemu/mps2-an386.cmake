# CMake's toolchain file for QEMU's mps2-an386, a Cortex-M4F: arm-none-eabi-gcc and newlib.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(core "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16")
set(CMAKE_C_FLAGS_INIT "${core} -ffunction-sections")
set(CMAKE_ASM_FLAGS_INIT "${core}")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "--specs=rdimon.specs -Wl,-z,noexecstack -T${CMAKE_CURRENT_LIST_DIR}/mps2-an386.ld")

set(ARC_RUST_TARGET thumbv7em-none-eabihf CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/run.sh)
