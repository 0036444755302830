/* Identifies among as many supports as it is told, all alike: `cargo xtask c` counts the instructions. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "arc_runtime.h"

#include "arc.h" /* made by CMake */

static arc_comparator comparator;
static uint32_t workspace[ARC_IDENTIFY_BYTES(0) / 4];
static int8_t blank[ARC_FEATURE_BYTES];

int main(int count, char **arguments) {
    size_t supports_count = count > 1 ? (size_t)strtoul(arguments[1], NULL, 10) : 1;
    const int8_t **supports = calloc(supports_count, sizeof *supports);
    arc_match *ranking = calloc(supports_count, sizeof *ranking);
    if (!supports || !ranking) return 2;
    for (size_t i = 0; i < supports_count; i++) supports[i] = blank;

    arc_status status =
        arc_comparator_init(&comparator, arc, sizeof arc, workspace, sizeof workspace);
    if (status == ARC_STATUS_OK) status = arc_limit_glimpses(&comparator, 1);
    if (status == ARC_STATUS_OK)
        status = arc_identify_features(&comparator, blank, supports, supports_count, ranking);
    if (status != ARC_STATUS_OK) printf("%s\n", arc_error_text(status));
    /* Of equal scores, the first support comes first. */
    for (size_t i = 0; i < supports_count; i++)
        if (ranking[i].index != i) status = ARC_STATUS_UNKNOWN;
    free(supports);
    free(ranking);
    return status != ARC_STATUS_OK;
}
