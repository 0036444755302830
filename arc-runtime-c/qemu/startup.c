/* From reset to `main` on a Cortex-M, with the semihosting of newlib (--specs=rdimon.specs). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern uint32_t __stack[], __data_start__[], __data_end__[], __data_load__[];
extern void _start(void);

/* On: clears .bss, opens the console, calls `main` and exits with what it returns. */
void reset(void) {
    /* Coprocessor access control: the hard-float ABI wants the floating-point unit. */
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
    __asm volatile("dsb\n isb");
    memcpy(__data_start__, __data_load__, (size_t)((char *)__data_end__ - (char *)__data_start__));
    _start();
}

static void fault(void) { abort(); }

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} VECTORS = {__stack, {reset, fault, fault, fault, fault, fault}};
