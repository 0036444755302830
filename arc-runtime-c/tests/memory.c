/* The memory that a caller gives may hold anything, and nothing is read or written beside it.
 *
 * Every buffer comes from the heap and has the least length that is allowed, so that Valgrind and the
 * address sanitizer see each byte beyond it, and Valgrind each byte that is read before it is written.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arc_runtime.h"

/* Made by CMake: models in read-only memory. */
#include "arc.h"
#include "context.h"
#include "convarc.h"
#include "ways.h"

enum { UNDEFINED = -1, SUPPORTS = 3 };

static int failures;

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(int holds, const char *condition, int line) {
    if (holds) return;
    printf("memory.c:%d: not so: %s\n", line, condition);
    failures++;
}

/* Memory of an exact length, left as the heap gives it or filled with a byte. */
static void *memory(size_t bytes, int filler) {
    void *start = malloc(bytes);
    if (!start) exit(2);
    if (filler != UNDEFINED) memset(start, filler, bytes);
    return start;
}

/* An image of dots, whose distance differs from image to image. */
static arc_image dots(size_t side, unsigned distance, int8_t *pixels) {
    arc_image image = {side, pixels};
    for (size_t i = 0; i < side * side; i++) pixels[i] = i % distance < 2 ? 127 : 0;
    return image;
}

/* The first logit of a ranking of images, by a comparator and buffers in memory of any content. */
static int32_t rank(const uint8_t *model, size_t model_bytes, int filler) {
    arc_sizes *sizes = memory(sizeof *sizes, filler);
    CHECK(arc_model_sizes(model, model_bytes, sizes) == ARC_STATUS_OK);
    size_t pixels_bytes = sizes->image_side * sizes->image_side;
    size_t supports_count = sizes->ways ? sizes->ways : SUPPORTS;
    size_t workspace_bytes = arc_identify_bytes(sizes, supports_count);

    arc_comparator *comparator = memory(sizeof *comparator, filler);
    void *workspace = memory(workspace_bytes, filler);
    int8_t *pixels = memory(pixels_bytes, filler);
    const int8_t **supports = memory(supports_count * sizeof *supports, filler);
    arc_match *ranking = memory(supports_count * sizeof *ranking, filler);
    int32_t *logit = memory(sizeof *logit, filler);
    arc_image image;

    CHECK(arc_comparator_init(comparator, model, model_bytes, workspace, workspace_bytes) ==
          ARC_STATUS_OK);
    for (size_t i = 0; i < supports_count; i++) {
        int8_t *features = memory(sizes->feature_bytes, filler);
        image = dots(sizes->image_side, (unsigned)i + 3, pixels);
        CHECK(arc_extract(comparator, &image, features, sizes->feature_bytes) == ARC_STATUS_OK);
        supports[i] = features;
    }
    CHECK(arc_compare(comparator, &image, &image, logit) ==
          (sizes->ways ? ARC_STATUS_NO_PAIRS : ARC_STATUS_OK));
    CHECK(arc_identify(comparator, &image, supports, supports_count, ranking) == ARC_STATUS_OK);
    int32_t score = ranking[0].score;
    for (size_t i = 1; i < supports_count; i++) CHECK(ranking[i - 1].score >= ranking[i].score);
    if (!sizes->ways) CHECK(arc_probability(comparator, *logit) >= 0);

    for (size_t i = 0; i < supports_count; i++) free((void *)supports[i]);
    free(sizes), free(comparator), free(workspace), free(pixels), free(supports), free(ranking);
    free(logit);
    return score;
}

static void any_content_will_do(void) {
#define ANY(model)                                                                                 \
    do {                                                                                           \
        int32_t zeroed = rank(model, sizeof model, 0);                                             \
        CHECK(rank(model, sizeof model, UNDEFINED) == zeroed);                                     \
        CHECK(rank(model, sizeof model, 0xFF) == zeroed);                                          \
        CHECK(rank(model, sizeof model, 'a') == zeroed);                                           \
    } while (0)
    ANY(arc);
    ANY(convarc);
    ANY(context);
    ANY(ways);
}

/* A comparator of the model `arc`, and what it needs. */
typedef struct {
    arc_comparator *comparator;
    void *workspace;
    int8_t *pixels;
    arc_image image;
} fixture;

static arc_status init(arc_comparator *comparator, void *workspace) {
    return arc_comparator_init(comparator, arc, sizeof arc, workspace, ARC_WORKSPACE_BYTES);
}

static fixture begin(void) {
    fixture f = {memory(sizeof(arc_comparator), UNDEFINED), memory(ARC_WORKSPACE_BYTES, UNDEFINED),
                 memory(ARC_FEATURE_BYTES, UNDEFINED), {0, 0}};
    f.image = dots(20, 5, f.pixels);
    CHECK(init(f.comparator, f.workspace) == ARC_STATUS_OK);
    return f;
}

static void end(fixture f) { free(f.comparator), free(f.workspace), free(f.pixels); }

/* Keeps the bytes of a comparator that is at work. */
static void keep(void *kept, const arc_step *step) {
    void **both = kept;
    if (kept && step->index == 0) memcpy(both[1], both[0], sizeof(arc_comparator));
}

static void a_comparator_that_never_ended_its_work_is_initialized_anew(void) {
    fixture f = begin();
    arc_comparator *busy = memory(sizeof *busy, UNDEFINED);
    void *both[2] = {f.comparator, busy};
    int32_t logit, again;
    CHECK(arc_compare_traced(f.comparator, &f.image, &f.image, keep, both, &logit) ==
          ARC_STATUS_OK);
    CHECK(arc_compare(busy, &f.image, &f.image, &again) == ARC_STATUS_MOVED);

    /* As after a `longjmp` out of a trace, or a reset that leaves memory as it is. */
    memcpy(f.comparator, busy, sizeof *busy);
    CHECK(arc_compare(f.comparator, &f.image, &f.image, &again) == ARC_STATUS_BUSY);
    CHECK(init(f.comparator, f.workspace) == ARC_STATUS_OK);
    CHECK(arc_compare(f.comparator, &f.image, &f.image, &again) == ARC_STATUS_OK);
    CHECK(again == logit);
    free(busy);
    end(f);
}

static void a_copy_is_refused_until_it_is_initialized(void) {
    fixture f = begin();
    arc_comparator *copy = memory(sizeof *copy, UNDEFINED);
    const int8_t *supports[1] = {f.pixels};
    int8_t *features = memory(ARC_FEATURE_BYTES, UNDEFINED);
    arc_match ranking[1];
    int32_t logit, again;
    *copy = *f.comparator;
    CHECK(arc_compare(copy, &f.image, &f.image, &logit) == ARC_STATUS_MOVED);
    CHECK(arc_compare_traced(copy, &f.image, &f.image, keep, NULL, &logit) == ARC_STATUS_MOVED);
    CHECK(arc_compare_features(copy, f.pixels, f.pixels, ARC_FEATURE_BYTES, &logit) ==
          ARC_STATUS_MOVED);
    CHECK(arc_extract(copy, &f.image, features, ARC_FEATURE_BYTES) == ARC_STATUS_MOVED);
    CHECK(arc_identify(copy, &f.image, supports, 1, ranking) == ARC_STATUS_MOVED);
    CHECK(arc_identify_features(copy, f.pixels, supports, 1, ranking) == ARC_STATUS_MOVED);
    CHECK(arc_limit_glimpses(copy, 1) == ARC_STATUS_MOVED);
    CHECK(arc_probability(copy, 0) == -1);
    CHECK(!arc_accepts(copy, INT32_MAX));

    /* The first one is as good as before, and so is the second with a workspace of its own. */
    void *workspace = memory(ARC_WORKSPACE_BYTES, UNDEFINED);
    CHECK(init(copy, workspace) == ARC_STATUS_OK);
    CHECK(arc_compare(f.comparator, &f.image, &f.image, &logit) == ARC_STATUS_OK);
    CHECK(arc_compare(copy, &f.image, &f.image, &again) == ARC_STATUS_OK);
    CHECK(logit == again);
    free(copy), free(features), free(workspace);
    end(f);
}

static void an_error_leaves_the_outputs_as_they_were(void) {
    fixture f = begin();
    arc_image other = {19, f.pixels}, image = {7, NULL};
    arc_sizes sizes = {7, 7, 7, 7, 7, 7, 7};
    arc_match ranking[2] = {{7, 7, 7}, {7, 7, 7}};
    int8_t features[ARC_FEATURE_BYTES + 1] = {7}, negative[ARC_FEATURE_BYTES] = {-1};
    const int8_t *supports[2] = {f.pixels, negative};
    int32_t logit = 7;
    CHECK(arc_model_sizes(arc, 99, &sizes) == ARC_STATUS_MODEL_TRUNCATED);
    CHECK(sizes.image_side == 7 && sizes.ways == 7);
    CHECK(arc_compare(f.comparator, &other, &f.image, &logit) == ARC_STATUS_IMAGE_SIDE);
    CHECK(arc_compare_features(f.comparator, f.pixels, negative, sizeof negative, &logit) ==
          ARC_STATUS_FEATURE_NEGATIVE);
    CHECK(logit == 7);
    CHECK(arc_extract(f.comparator, &f.image, features, sizeof features) ==
          ARC_STATUS_FEATURE_LENGTH);
    CHECK(features[0] == 7);
    CHECK(arc_identify(f.comparator, &f.image, supports, 2, ranking) ==
          ARC_STATUS_FEATURE_NEGATIVE);
    CHECK(ranking[0].index == 7 && ranking[1].pair == 7);
    CHECK(arc_image_from_gray(20, f.workspace, 399, ARC_INK_DARK, features, 400, &image) ==
          ARC_STATUS_IMAGE_LENGTH);
    CHECK(image.side == 7);
    end(f);
}

/* Where size_t has 32 bits, each of these sizes would be small after a wrap. */
static void lengths_beyond_all_memory_are_found(void) {
    fixture f = begin();
    size_t wraps = SIZE_MAX / sizeof(arc_match) + 2;
    const int8_t *supports[1] = {f.pixels};
    arc_match ranking[1];
    arc_image huge = {(size_t)1 << (4 * sizeof(size_t)), f.pixels}, image;
    arc_sizes sizes = {20, 20, 20, 20, 20, 20, 20};
    int32_t logit;
    CHECK(arc_compare(f.comparator, &huge, &huge, &logit) == ARC_STATUS_IMAGE_SIDE);
    CHECK(arc_identify(f.comparator, &f.image, supports, wraps, ranking) == ARC_STATUS_LENGTH);
    CHECK(arc_identify_bytes(&sizes, SIZE_MAX / 20 + 1) == SIZE_MAX);
    CHECK(arc_identify_bytes(&sizes, SIZE_MAX / 20) == SIZE_MAX);
    CHECK(arc_image_from_bits(huge.side, arc, 0, f.pixels, 400, &image) ==
          ARC_STATUS_IMAGE_TOO_LARGE);
    CHECK(arc_image_from_gray(huge.side, arc, 0, ARC_INK_DARK, f.pixels, 400, &image) ==
          ARC_STATUS_IMAGE_TOO_LARGE);
    CHECK(arc_comparator_init(f.comparator, arc, SIZE_MAX, f.workspace, ARC_WORKSPACE_BYTES) ==
          ARC_STATUS_LENGTH);
    CHECK(arc_comparator_init(f.comparator, arc, sizeof arc, f.workspace, SIZE_MAX) ==
          ARC_STATUS_LENGTH);
    end(f);
}

static void a_larger_buffer_keeps_what_is_behind_the_image(void) {
    uint8_t gray[64] = {0};
    int8_t *pixels = memory(100, 99);
    arc_image image;
    arc_frame frame = {8, 8, gray};
    CHECK(arc_image_from_frame(&frame, NULL, ARC_INK_DARK, 8, pixels, 100, &image) ==
          ARC_STATUS_OK);
    CHECK(pixels[63] == 127 && pixels[64] == 99 && pixels[99] == 99);
    free(pixels);
}

int main(void) {
    any_content_will_do();
    a_comparator_that_never_ended_its_work_is_initialized_anew();
    a_copy_is_refused_until_it_is_initialized();
    an_error_leaves_the_outputs_as_they_were();
    lengths_beyond_all_memory_are_found();
    a_larger_buffer_keeps_what_is_behind_the_image();
    return failures != 0;
}
