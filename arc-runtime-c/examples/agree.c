/*
 * Everything that the C interface computes, in numbers: with each model two pictures compared, and
 * one of them identified among five. `agree.rs` prints the same from Rust, and on every machine the
 * lines are equal.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "arc_runtime.h"

/* Made by CMake: models and pictures in read-only memory. */
#include "arc.h"
#include "context.h"
#include "convarc.h"
#include "prepared.h"
#include "probe_pgm.h"
#include "residual.h"
#include "small.h"
#include "support_pgm.h"
#include "tiny.h"
#include "ways.h"

/* Room for any of the models; a product takes its own model's sizes. */
enum { SUPPORTS = 5, PIXELS = 32 * 32, FEATURES = 16 * 1024, WORKSPACE = 128 * 1024 };

static arc_comparator comparator;
static uint32_t workspace[WORKSPACE / 4];
static int8_t features[SUPPORTS][FEATURES];
static int8_t probe_pixels[PIXELS], support_pixels[PIXELS];

static const uint8_t *const PICTURES[2] = {probe_pgm, support_pgm};

static int failures;

static int ok(arc_status status, const char *what) {
    if (status == ARC_STATUS_OK) return 1;
    printf("%s: %s\n", what, arc_error_text(status));
    failures++;
    return 0;
}

/* FNV-1a. */
static uint32_t hash(uint32_t so_far, const void *bytes, size_t length) {
    const uint8_t *byte = bytes;
    while (length--) so_far = (so_far ^ *byte++) * 16777619u;
    return so_far;
}

static const uint32_t HASH = 2166136261u;

/* The pictures are PGM files of 96 x 96 pixels. */
static arc_frame picture(int which) {
    arc_frame frame = {96, 96, PICTURES[which] + sizeof "P5\n96 96\n255\n" - 1};
    return frame;
}

/* One of five pictures: three cut out of frames, one of packed bits, one of gray rows. */
static arc_status draw(int which, size_t side, int8_t *pixels, arc_image *image) {
    static uint8_t data[PIXELS];
    arc_frame frame = picture(which % 2);
    arc_rect part = {4 * (size_t)which, 2 * (size_t)which, 96 - 8 * (size_t)which,
                     96 - 6 * (size_t)which};
    arc_status status =
        arc_image_from_frame(&frame, &part, ARC_INK_DARK, side, pixels, PIXELS, image);
    if (status != ARC_STATUS_OK || which < 3) return status;
    if (which == 3) {
        size_t row = (side + 7) / 8;
        memset(data, 0, row * side);
        for (size_t i = 0; i < side * side; i++)
            if (pixels[i] > 40) data[i / side * row + i % side / 8] |= 0x80 >> i % side % 8;
        return arc_image_from_bits(side, data, row * side, pixels, PIXELS, image);
    }
    for (size_t i = 0; i < side * side; i++) data[i] = (uint8_t)(255 - pixels[i]);
    return arc_image_from_gray(side, data, side * side, ARC_INK_BRIGHT, pixels, PIXELS, image);
}

static void show_step(void *user, const arc_step *step) {
    uint32_t seen = hash(HASH, step->glimpse, step->glimpse_len);
    uint32_t state = hash(HASH, step->state, step->hidden), cell = HASH;
    for (size_t i = 0; i < step->hidden; i++) {
        uint8_t bytes[2] = {(uint8_t)step->cell[i], (uint8_t)((uint16_t)step->cell[i] >> 8)};
        cell = hash(cell, bytes, 2);
    }
    printf("%u %s y %d x %d d %d glimpse %08lx cell %08lx state %08lx\n", (unsigned)step->index,
           step->role == ARC_ROLE_PROBE ? "probe" : "support", step->y, step->x, step->d,
           (unsigned long)seen, (unsigned long)cell, (unsigned long)state);
    ++*(unsigned *)user;
}

static void compare(const arc_image *probe, const arc_image *support) {
    unsigned steps = 0;
    int32_t logit, alike;
    arc_status status =
        arc_compare_traced(&comparator, probe, support, show_step, &steps, &logit);
    if (status == ARC_STATUS_NO_PAIRS) {
        printf("no pairs\n");
        return;
    }
    if (!ok(status, "arc_compare_traced")) return;
    printf("%u steps, logit %ld, probability %d, accepted %d\n", steps, (long)logit,
           arc_probability(&comparator, logit), arc_accepts(&comparator, logit));
    if (ok(arc_compare(&comparator, support, probe, &alike), "arc_compare"))
        printf("in the other order %ld\n", (long)alike);
}

static void identify(const arc_image *probe, const arc_sizes *sizes) {
    const int8_t *supports[SUPPORTS];
    arc_match ranking[SUPPORTS], again[SUPPORTS];
    int32_t logit;
    for (int i = 0; i < SUPPORTS; i++) {
        arc_image image;
        if (!ok(draw(i, sizes->image_side, support_pixels, &image), "an image")) return;
        if (!ok(arc_extract(&comparator, &image, features[i], sizes->feature_bytes), "arc_extract"))
            return;
        supports[i] = features[i];
        printf("features %08lx\n", (unsigned long)hash(HASH, features[i], sizes->feature_bytes));
    }
    if (!sizes->ways && ok(arc_compare_features(&comparator, supports[0], supports[1],
                                               sizes->feature_bytes, &logit),
                          "arc_compare_features"))
        printf("by features %ld\n", (long)logit);
    if (!ok(arc_identify(&comparator, probe, supports, SUPPORTS, ranking), "arc_identify")) return;
    for (int i = 0; i < SUPPORTS; i++) {
        printf("%u score %ld", (unsigned)ranking[i].index, (long)ranking[i].score);
        if (ranking[i].pair != ARC_NO_PAIR) printf(" pair %ld", (long)ranking[i].pair);
        printf("\n");
    }
    printf("accepted %d\n", arc_accepts(&comparator, ranking[0].pair));

    /* The probe is the first support, too. */
    if (ok(arc_identify_features(&comparator, supports[0], supports, SUPPORTS, again), "again"))
        printf("by features %s\n", memcmp(ranking, again, sizeof again) ? "otherwise" : "the same");
}

/* Two parts of a picture and a blank one, prepared as the model wants them. */
static void prepare(void) {
    static uint8_t paper[96 * 96];
    memset(paper, 230, sizeof paper);
    for (int which = 0; which < 3; which++) {
        arc_frame frame = picture(0), blank = {96, 96, paper};
        arc_rect part = {4, 8 * (size_t)which, 92, 80};
        arc_image image;
        arc_status status = arc_image_prepare(&comparator, which < 2 ? &frame : &blank, &part,
                                              support_pixels, PIXELS, &image);
        if (status == ARC_STATUS_IMAGE_BLANK)
            printf("blank\n");
        else if (ok(status, "arc_image_prepare"))
            printf("prepared %08lx\n",
                   (unsigned long)hash(HASH, image.pixels, image.side * image.side));
    }
}

static void agree(const char *name, const uint8_t *file, size_t length) {
    arc_sizes sizes;
    if (!ok(arc_model_sizes(file, length, &sizes), name)) return;
    printf("%s: %u pixels, %u feature bytes, %u workspace bytes, %u glimpses, %u ways\n", name,
           (unsigned)sizes.image_side, (unsigned)sizes.feature_bytes, (unsigned)sizes.workspace_bytes,
           (unsigned)sizes.glimpses_per_image, (unsigned)sizes.ways);
    size_t needed = arc_identify_bytes(&sizes, SUPPORTS);
    if (needed > sizeof workspace || sizes.feature_bytes > FEATURES) {
        printf("too large for the buffers of this program\n");
        failures++;
        return;
    }
    arc_image probe, support;
    if (!ok(arc_comparator_init(&comparator, file, length, workspace, needed), "init")) return;
    prepare();
    if (!ok(draw(0, sizes.image_side, probe_pixels, &probe), "the probe")) return;
    if (!ok(draw(1, sizes.image_side, support_pixels, &support), "the support")) return;
    compare(&probe, &support);
    identify(&probe, &sizes);
    if (!ok(arc_limit_glimpses(&comparator, 2), "arc_limit_glimpses")) return;
    if (!ok(draw(1, sizes.image_side, support_pixels, &support), "the support")) return;
    compare(&probe, &support);
}

int main(void) {
#define AGREE(name) agree(#name, name, sizeof name)
    AGREE(small);
    AGREE(tiny);
    AGREE(convarc);
    AGREE(residual);
    AGREE(arc);
    AGREE(context);
    AGREE(ways);
    AGREE(prepared);
    return failures != 0;
}
