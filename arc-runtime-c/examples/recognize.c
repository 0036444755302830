/* Three figures are shown once each; afterwards others are recognized as one of them, or as none. */
#include <stdio.h>

#include "arc_runtime.h"
#include "small.h" /* arc_add_model(small models/omniglot-small.arc) in CMakeLists.txt */

enum { SIDE = 32, CLASSES = 3 };

static const char *const NAMES[CLASSES] = {"a cross", "a ring", "a stair"};

/* All memory, its sizes known when this is compiled. */
static arc_comparator comparator;
static uint32_t workspace[SMALL_IDENTIFY_BYTES(CLASSES) / sizeof(uint32_t)];
static int8_t features[CLASSES][SMALL_FEATURE_BYTES];

/* What a touch pad would give: one bit per pixel. Figure 3 is one that nobody has shown. */
static void draw(int figure, int shift, int thick, uint8_t bits[SIDE][SIDE / 8]) {
    for (int row = 0; row < SIDE; row++)
        for (int column = 0; column < SIDE; column++) {
            int y = row - 16 + shift, x = column - 16 - shift, square = x * x + y * y, ink = 0;
            int far = y * y > x * x ? y * y : x * x;
            switch (figure) {
            case 0: ink = (x * x <= thick || y * y <= thick) && far < 144; break;
            case 1: ink = square < 121 + 8 * thick && square > 81; break;
            case 2: ink = far < 144 && (x + 12) / 6 == (y + 12) / 6; break;
            case 3: ink = far < 144 && (y * y <= thick || (far > 81 && x < 0)); break;
            }
            if (ink) bits[row][column / 8] |= 0x80 >> column % 8;
        }
}

static arc_status capture(int figure, int shift, int thick, int8_t *pixels, arc_image *image) {
    uint8_t bits[SIDE][SIDE / 8] = {{0}};
    draw(figure, shift, thick, bits);
    return arc_image_from_bits(SIDE, bits[0], sizeof bits, pixels, SIDE * SIDE, image);
}

static arc_status recognize(void) {
    static int8_t pixels[SIDE * SIDE];
    const int8_t *enrolled[CLASSES];
    arc_match ranking[CLASSES];
    arc_image image;
    arc_status status;

    status = arc_comparator_init(&comparator, small, SMALL_BYTES, workspace, sizeof workspace);
    if (status != ARC_STATUS_OK) return status;

    for (int k = 0; k < CLASSES; k++) {
        if ((status = capture(k, 0, 2, pixels, &image)) != ARC_STATUS_OK) return status;
        status = arc_extract(&comparator, &image, features[k], SMALL_FEATURE_BYTES);
        if (status != ARC_STATUS_OK) return status;
        enrolled[k] = features[k];
    }
    for (int figure = 0; figure <= CLASSES; figure++) {
        if ((status = capture(figure, 2, 5, pixels, &image)) != ARC_STATUS_OK) return status;
        status = arc_identify(&comparator, &image, enrolled, CLASSES, ranking);
        if (status != ARC_STATUS_OK) return status;
        const arc_match *best = &ranking[0];
        if (arc_accepts(&comparator, best->pair))
            printf("%s, with probability %d / 32768\n", NAMES[best->index],
                   arc_probability(&comparator, best->pair));
        else
            printf("none of these\n");
    }
    return ARC_STATUS_OK;
}

int main(void) {
    arc_status status = recognize();
    if (status != ARC_STATUS_OK) printf("%s\n", arc_error_text(status));
    return status != ARC_STATUS_OK;
}
