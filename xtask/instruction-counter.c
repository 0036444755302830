/* A plugin of QEMU (API version 1, QEMU 6 and later) that counts executed instructions, exactly: between each
 * pass of address `begin` and the next of address `end`, what is called in between included.
 *
 *   cc -O2 -shared -fPIC -o instruction-counter.so instruction-counter.c
 *   qemu-system-arm ... -plugin instruction-counter.so,begin=0x1234,end=0x5678[,top=20]
 *
 * Each count is a line "count: N" on standard error. With `top`, the functions that take most follow, each as
 * "N NAME" over the whole run. QEMU's header is not packaged everywhere: what is used of it is declared here.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { INLINE_ADD_U64 = 0, NO_REGISTERS = 0 };
typedef void block_callback(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void execution_callback(unsigned cpu, void *data);
typedef void exit_callback(qemu_plugin_id_t, void *data);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, block_callback *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
extern const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, execution_callback *, int flags, void *data);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int op, void *count, uint64_t n);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, exit_callback *, void *data);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

static uint64_t executed, begun_at;
static bool counting;
static uint64_t begin = UINT64_MAX, end = UINT64_MAX;
static size_t top;

static struct function {
    const char *name;
    uint64_t executed;
    struct function *next;
} *functions;

static struct function *function(const char *name)
{
    for (struct function *known = functions; known; known = known->next)
        if (!strcmp(known->name, name))
            return known;
    struct function *new = malloc(sizeof *new);
    *new = (struct function){ strdup(name), 0, functions };
    return functions = new;
}

/* `executed` has the instruction that is about to run: it is added before the callback. */
static void on_begin(unsigned cpu, void *data)
{
    begun_at = executed;
    counting = true;
}

static void on_end(unsigned cpu, void *data)
{
    if (counting)
        fprintf(stderr, "count: %llu\n", (unsigned long long)(executed - begun_at));
    counting = false;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    for (size_t i = 0, n = qemu_plugin_tb_n_insns(block); i < n; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, &executed, 1);
        if (top) {
            const char *name = qemu_plugin_insn_symbol(instruction);
            uint64_t *count = &function(name && *name ? name : "?")->executed;
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, INLINE_ADD_U64, count, 1);
        }
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        if (address == begin)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_begin, NO_REGISTERS, NULL);
        if (address == end)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_end, NO_REGISTERS, NULL);
    }
}

static void ended(qemu_plugin_id_t id, void *data)
{
    for (; top && functions; top--) {
        struct function **most = &functions;
        for (struct function **each = &functions; *each; each = &(*each)->next)
            if ((*each)->executed > (*most)->executed)
                most = each;
        fprintf(stderr, "%12llu %s\n", (unsigned long long)(*most)->executed, (*most)->name);
        *most = (*most)->next;
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        uint64_t number = value ? strtoull(value + 1, NULL, 0) : 0;
        if (!strncmp(argv[i], "begin=", 6))
            begin = number & ~UINT64_C(1); /* the lowest bit of a function's address says Thumb */
        else if (!strncmp(argv[i], "end=", 4))
            end = number & ~UINT64_C(1);
        else if (!strncmp(argv[i], "top=", 4))
            top = number;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
