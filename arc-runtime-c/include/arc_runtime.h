/**
 * @file
 * One-shot visual comparison in integers: the C interface of arc-runtime.
 *
 * Tells from one example per class whether two images show the same thing, or which of a few
 * enrolled ones an image shows. No heap, no floating point, no global state; the same bits on
 * every machine.
 *
 *     static arc_comparator comparator;
 *     static uint32_t workspace[WORKSPACE_BYTES / 4];     // arc_model_sizes tells how much
 *     arc_status status = arc_comparator_init(&comparator, MODEL, MODEL_BYTES,
 *                                             workspace, sizeof workspace);
 *     if (status != ARC_STATUS_OK) fail(arc_error_text(status));
 *     int32_t logit;
 *     status = arc_compare(&comparator, &probe, &support, &logit);
 *     if (status == ARC_STATUS_OK && arc_accepts(&comparator, logit)) same();
 *
 * The contract of all functions:
 *
 * - A pointer points to as many objects as its length says, of memory that may be read, or
 *   written where it is not const. A null pointer, a pointer that is not aligned as its type
 *   asks for, and an output that overlaps with anything else given are found and answered with a
 *   status; an address of no memory is not.
 * - What is given stays as it is until the call returns: no trace, interrupt, transfer to memory or
 *   other thread changes it.
 * - What an output held before does not matter: it may never have been written. After an error it is
 *   as it was, but for `pixels`, whose content is then undefined.
 * - Nothing given is kept beyond the call, except for the model file and the workspace, which
 *   arc_comparator_init lends to the comparator.
 * - A comparator stays where it was initialized. A copy of it is found and answered with a status.
 * - A comparator is used by one thread or interrupt at a time; different ones are independent.
 * - Logits are Q15.16, between -2^30 and 2^30: 0 is undecided, above is alike.
 */
#ifndef ARC_RUNTIME_H
#define ARC_RUNTIME_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Size of an `arc_comparator` behind its first 8 bytes, in pointers; the library takes a few
 * less, so that it may change without this.
 */
#define ARC_COMPARATOR_POINTERS 448

/**
 * The `pair` of an N-way model, which has no score for a pair.
 */
#define ARC_NO_PAIR INT32_MIN

/**
 * Whether a function succeeded, and if not, why: an `arc_status`.
 *
 * `arc_error_text` has it in words. Later versions may add errors.
 */
enum arc_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Done.
   */
  ARC_STATUS_OK = 0,
  /**
   * A pointer is null.
   */
  ARC_STATUS_NULL_POINTER = 1,
  /**
   * A pointer is not aligned as its type asks for.
   */
  ARC_STATUS_ALIGNMENT = 2,
  /**
   * A length is beyond what memory can hold.
   */
  ARC_STATUS_LENGTH = 3,
  /**
   * An output overlaps with something else that was given.
   */
  ARC_STATUS_OVERLAP = 4,
  /**
   * The comparator is not initialized.
   */
  ARC_STATUS_NOT_READY = 5,
  /**
   * The comparator is at work already: it was used within its own trace.
   */
  ARC_STATUS_BUSY = 6,
  /**
   * The workspace is smaller than the model needs for this call.
   */
  ARC_STATUS_WORKSPACE = 7,
  /**
   * The comparator was copied or moved after it was initialized.
   */
  ARC_STATUS_MOVED = 8,
  /**
   * The model file ends too early.
   */
  ARC_STATUS_MODEL_TRUNCATED = 10,
  /**
   * The bytes are no model file.
   */
  ARC_STATUS_NOT_A_MODEL = 11,
  /**
   * The model file is of a format version that this library does not read.
   */
  ARC_STATUS_MODEL_VERSION = 12,
  /**
   * The model file's checksum does not match.
   */
  ARC_STATUS_MODEL_DAMAGED = 13,
  /**
   * The model file is not one of integers.
   */
  ARC_STATUS_MODEL_ENCODING = 14,
  /**
   * The model file's content is not what the kernels rely on.
   */
  ARC_STATUS_MODEL_CONTENT = 15,
  /**
   * The image is not of the side of the model's images.
   */
  ARC_STATUS_IMAGE_SIDE = 20,
  /**
   * The image's data have not the length that its size asks for.
   */
  ARC_STATUS_IMAGE_LENGTH = 21,
  /**
   * The buffer is too small for the image's pixels.
   */
  ARC_STATUS_IMAGE_BUFFER = 22,
  /**
   * The image, or the part to be cut out, has no pixels.
   */
  ARC_STATUS_IMAGE_EMPTY = 23,
  /**
   * A side of the image is over 65535.
   */
  ARC_STATUS_IMAGE_TOO_LARGE = 24,
  /**
   * The part to be cut out reaches beyond the frame.
   */
  ARC_STATUS_IMAGE_CROP = 25,
  /**
   * A pixel is not in 0 to 127.
   */
  ARC_STATUS_IMAGE_PIXEL = 26,
  /**
   * The ink is no `arc_ink`.
   */
  ARC_STATUS_IMAGE_INK = 27,
  /**
   * Nothing is drawn on the picture: it is blank, or all noise.
   */
  ARC_STATUS_IMAGE_BLANK = 28,
  /**
   * The features are not as long as the model's.
   */
  ARC_STATUS_FEATURE_LENGTH = 30,
  /**
   * A feature is negative, as none is.
   */
  ARC_STATUS_FEATURE_NEGATIVE = 31,
  /**
   * The model chooses among a fixed number of supports, and has no score for a pair.
   */
  ARC_STATUS_NO_PAIRS = 40,
  /**
   * The model chooses among another number of supports.
   */
  ARC_STATUS_WAYS = 41,
  /**
   * There is no support to identify the probe among.
   */
  ARC_STATUS_NO_SUPPORTS = 42,
  /**
   * An error of the runtime that this library has no number for.
   */
  ARC_STATUS_UNKNOWN = 99,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum arc_status arc_status;
#else
typedef int32_t arc_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which of the two images a glimpse is taken of.
 */
enum arc_role
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * The image in question, seen first.
   */
  ARC_ROLE_PROBE = 0,
  /**
   * The example it is compared with.
   */
  ARC_ROLE_SUPPORT = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum arc_role arc_role;
#else
typedef int32_t arc_role;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which values of a gray image are ink.
 */
enum arc_ink
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /**
   * Dark strokes on a bright ground: 0 is full ink.
   */
  ARC_INK_DARK = 0,
  /**
   * Bright strokes on a dark ground: 255 is full ink.
   */
  ARC_INK_BRIGHT = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum arc_ink arc_ink;
#else
typedef int32_t arc_ink;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The sizes of a model.
 */
typedef struct arc_sizes {
  /**
   * Rows and columns of its images.
   */
  size_t image_side;
  /**
   * Bytes of the features of an image: what an enrolled image takes.
   */
  size_t feature_bytes;
  /**
   * Bytes of a workspace to compare pairs and to extract features.
   */
  size_t workspace_bytes;
  /**
   * Bytes of a workspace to identify, as many pairs at a time as this library can.
   */
  size_t batch_bytes;
  /**
   * Bytes of a workspace on top of that for each support of a probe; 0 without full context.
   */
  size_t context_bytes;
  /**
   * Glimpses taken of each image.
   */
  size_t glimpses_per_image;
  /**
   * Supports that it chooses among; 0 if it compares pairs, whatever their number.
   */
  size_t ways;
} arc_sizes;

/**
 * A model ready to compare, in memory of the caller's: 8 bytes and `ARC_COMPARATOR_POINTERS`
 * pointers.
 *
 * It needs no clean-up. Its content is the library's own business.
 *
 * It stays where it was initialized: a copy of it, and one that was moved, as `realloc` or a return
 * by value does, is answered with ARC_STATUS_MOVED until it is initialized itself.
 *
 * One that was never initialized is answered with ARC_STATUS_NOT_READY if its memory is zero, as
 * static memory is. In memory of any other content that is found as a rule, and not promised.
 */
typedef struct arc_comparator {
  /**
   * Whether `opaque` holds one.
   */
  uint64_t state;
  void *opaque[ARC_COMPARATOR_POINTERS];
} arc_comparator;

/**
 * A square image, borrowed: `side` rows of `side` pixels, 0 is paper, 127 full ink.
 */
typedef struct arc_image {
  /**
   * Rows and columns.
   */
  size_t side;
  /**
   * The pixels row by row, 0 to 127.
   */
  const int8_t *pixels;
} arc_image;

/**
 * An 8-bit gray picture of any size, such as a camera's, borrowed.
 */
typedef struct arc_frame {
  /**
   * Bytes in a row.
   */
  size_t width;
  /**
   * Rows.
   */
  size_t height;
  /**
   * The picture row by row, without gaps.
   */
  const uint8_t *gray;
} arc_frame;

/**
 * A part of a frame.
 */
typedef struct arc_rect {
  /**
   * Its first column.
   */
  size_t x;
  /**
   * Its first row.
   */
  size_t y;
  /**
   * Columns.
   */
  size_t width;
  /**
   * Rows.
   */
  size_t height;
} arc_rect;

/**
 * One step of a comparison, as a trace shows it; its pointers are valid within the trace alone.
 */
typedef struct arc_step {
  /**
   * The step's number, from 0.
   */
  size_t index;
  /**
   * Which image the glimpse is of.
   */
  arc_role role;
  /**
   * Center from top (-1) to bottom (1), Q0.15.
   */
  int16_t y;
  /**
   * Center from left (-1) to right (1), Q0.15.
   */
  int16_t x;
  /**
   * Spread, Q0.15: 0 covers the whole map, 1 or -1 a single spot.
   */
  int16_t d;
  /**
   * What was seen: N x N x C, laid out (row, column, channel).
   */
  const int8_t *glimpse;
  /**
   * Numbers in the glimpse.
   */
  size_t glimpse_len;
  /**
   * The cell after the step, Q4.11.
   */
  const int16_t *cell;
  /**
   * The state after the step, Q0.7.
   */
  const int8_t *state;
  /**
   * Numbers in the cell and in the state.
   */
  size_t hidden;
} arc_step;

/**
 * Is shown each step of a comparison, and what the caller gave for it.
 *
 * It must return: neither `longjmp` nor an exception may leave it.
 */
typedef void (*arc_trace)(void *user, const struct arc_step *step);

/**
 * A support and how alike it is to the probe.
 */
typedef struct arc_match {
  /**
   * Which of the supports it is, from 0.
   */
  size_t index;
  /**
   * What the supports are ranked by, Q15.16.
   */
  int32_t score;
  /**
   * The logit of the pair alone, Q15.16, whatever the other supports are; or ARC_NO_PAIR.
   */
  int32_t pair;
} arc_match;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Checks a model file as `arc_comparator_init` does, and tells its sizes.
 *
 * @param file the model file, at any alignment; bytes behind the model's own end do not matter
 * @param file_bytes its length
 * @param sizes output: its sizes
 *
 * @return ARC_STATUS_OK, or an error of the memory or the model
 */
arc_status arc_model_sizes(const uint8_t *file, size_t file_bytes, struct arc_sizes *sizes);

/**
 * Bytes of a workspace to identify a probe among up to `supports` supports, a multiple of 4; 0 if
 * `sizes` is null or misaligned, and SIZE_MAX if there are too many for any memory.
 */
size_t arc_identify_bytes(const struct arc_sizes *sizes, size_t supports);

/**
 * Initializes a comparator: checks a model file, and takes a workspace to compare in.
 *
 * The memory of the comparator may hold anything: it is written before it is read.
 *
 * A comparator may be initialized anew at any time, with the same model and workspace or others,
 * but not in its own trace: that is found when the trace returns, and ends the program by `abort`.
 * What the comparator had before is the caller's again.
 *
 * @param comparator what to initialize
 * @param file the model file, at any alignment; bytes behind the model's own end do not matter.
 * It is not copied: it must stay as it is as long as the comparator is used
 * @param file_bytes its length
 * @param workspace memory aligned to 4 bytes, which belongs to this comparator alone from now on
 * @param workspace_bytes its length: at least `workspace_bytes` of `arc_model_sizes` to compare,
 * and what `arc_identify_bytes` says to identify; with more, more pairs go at a time
 *
 * @return ARC_STATUS_OK, an error of the memory, of the model, or ARC_STATUS_WORKSPACE. After an
 * error the comparator is not initialized
 */
arc_status arc_comparator_init(struct arc_comparator *comparator,
                               const uint8_t *file,
                               size_t file_bytes,
                               void *workspace,
                               size_t workspace_bytes);

/**
 * Decides after `per_image` glimpses of each image instead of the model's number: sooner, and less
 * surely. A number outside of 1 to the model's becomes the nearer of the two.
 *
 * @return ARC_STATUS_OK, or an error of the comparator
 */
arc_status arc_limit_glimpses(struct arc_comparator *comparator, size_t per_image);

/**
 * An image from packed bits: 1 is ink, the leftmost pixel in the most significant bit, each row
 * beginning a new byte.
 *
 * @param side rows and columns
 * @param bits the rows
 * @param bits_bytes their length: `side` times `side / 8`, rounded up
 * @param pixels output: the image's pixels
 * @param pixels_bytes room for them, at least `side` squared
 * @param image output: borrows `pixels`
 *
 * @return ARC_STATUS_OK, or an error of the memory or the image
 */
arc_status arc_image_from_bits(size_t side,
                               const uint8_t *bits,
                               size_t bits_bytes,
                               int8_t *pixels,
                               size_t pixels_bytes,
                               struct arc_image *image);

/**
 * An image from 8-bit gray rows of the same size.
 *
 * @param side rows and columns
 * @param gray the rows
 * @param gray_bytes their length: `side` squared
 * @param ink an `arc_ink`: which values are ink
 * @param pixels output: the image's pixels
 * @param pixels_bytes room for them, at least `side` squared
 * @param image output: borrows `pixels`
 *
 * @return ARC_STATUS_OK, or an error of the memory or the image
 */
arc_status arc_image_from_gray(size_t side,
                               const uint8_t *gray,
                               size_t gray_bytes,
                               int32_t ink,
                               int8_t *pixels,
                               size_t pixels_bytes,
                               struct arc_image *image);

/**
 * An image from a frame, or a part of it, by exact area averaging.
 *
 * @param frame the frame
 * @param part the part to take; null is all of it
 * @param ink an `arc_ink`: which values are ink
 * @param side rows and columns of the image
 * @param pixels output: the image's pixels
 * @param pixels_bytes room for them, at least `side` squared
 * @param image output: borrows `pixels`
 *
 * @return ARC_STATUS_OK, or an error of the memory or the image
 */
arc_status arc_image_from_frame(const struct arc_frame *frame,
                                const struct arc_rect *part,
                                int32_t ink,
                                size_t side,
                                int8_t *pixels,
                                size_t pixels_bytes,
                                struct arc_image *image);

/**
 * An image from a frame, or a part of it, prepared as the comparator's model wants it: what that
 * is, is a part of the model's file. The image has the side of the model's images.
 *
 * A model without a preparation takes the frame as `arc_image_from_frame` does, dark is ink.
 *
 * @param comparator an initialized comparator
 * @param frame the frame
 * @param part the part to take; null is all of it
 * @param pixels output: the image's pixels
 * @param pixels_bytes room for them, at least `image_side` of `arc_model_sizes` squared
 * @param image output: borrows `pixels`
 *
 * @return ARC_STATUS_OK, ARC_STATUS_IMAGE_BLANK if nothing is drawn on the picture, or an error of
 * the memory, the comparator or the image
 */
arc_status arc_image_prepare(struct arc_comparator *comparator,
                             const struct arc_frame *frame,
                             const struct arc_rect *part,
                             int8_t *pixels,
                             size_t pixels_bytes,
                             struct arc_image *image);

/**
 * How alike two images are. The order matters a little: the probe is seen first.
 *
 * @param comparator an initialized comparator
 * @param probe the image in question
 * @param support the example it is compared with
 * @param logit output: how alike they are, Q15.16
 *
 * @return ARC_STATUS_OK, an error of the memory, the comparator or an image, or
 * ARC_STATUS_NO_PAIRS
 */
arc_status arc_compare(struct arc_comparator *comparator,
                       const struct arc_image *probe,
                       const struct arc_image *support,
                       int32_t *logit);

/**
 * `arc_compare`, showing each step as it happens.
 *
 * @param comparator an initialized comparator
 * @param probe the image in question
 * @param support the example it is compared with
 * @param trace is called after each step; it may not use the comparator, which answers with
 * ARC_STATUS_BUSY, nor initialize it anew, which ends the program
 * @param user is given to the trace
 * @param logit output: how alike they are, Q15.16
 *
 * @return as `arc_compare`
 */
arc_status arc_compare_traced(struct arc_comparator *comparator,
                              const struct arc_image *probe,
                              const struct arc_image *support,
                              arc_trace trace,
                              void *user,
                              int32_t *logit);

/**
 * The features of an image: to enroll it is to keep them.
 *
 * @param comparator an initialized comparator
 * @param image the image
 * @param features output: its features
 * @param feature_bytes their length, that of the model
 *
 * @return ARC_STATUS_OK, an error of the memory, the comparator or the image, or
 * ARC_STATUS_FEATURE_LENGTH
 */
arc_status arc_extract(struct arc_comparator *comparator,
                       const struct arc_image *image,
                       int8_t *features,
                       size_t feature_bytes);

/**
 * `arc_compare` from the features of both images, as `arc_extract` made them with the same model.
 *
 * @param comparator an initialized comparator
 * @param probe the features of the image in question
 * @param support the features of the example
 * @param feature_bytes the length of each, that of the model
 * @param logit output: how alike they are, Q15.16
 *
 * @return ARC_STATUS_OK, an error of the memory, the comparator or the features, or
 * ARC_STATUS_NO_PAIRS
 */
arc_status arc_compare_features(struct arc_comparator *comparator,
                                const int8_t *probe,
                                const int8_t *support,
                                size_t feature_bytes,
                                int32_t *logit);

/**
 * Ranks enrolled images by how alike they are to a probe. The model decides how: each alone, all
 * of them in context, or as its N ways.
 *
 * The best is `ranking[0]`, and it is accepted if `arc_accepts(comparator, ranking[0].pair)`;
 * otherwise the probe is none of these. With more supports there are more chances of a false
 * accept.
 *
 * @param comparator an initialized comparator
 * @param probe the image in question
 * @param supports for each enrolled image a pointer to its features, as `arc_extract` made them
 * with the same model, `feature_bytes` of `arc_model_sizes` each
 * @param count their number, at least 1
 * @param ranking output: as many matches, the best first; of equal scores, the first support first
 *
 * @return ARC_STATUS_OK, an error of the memory, the comparator, the image or the features,
 * ARC_STATUS_NO_SUPPORTS, ARC_STATUS_WAYS, or ARC_STATUS_WORKSPACE if `arc_identify_bytes` asks
 * for more
 */
arc_status arc_identify(struct arc_comparator *comparator,
                        const struct arc_image *probe,
                        const int8_t *const *supports,
                        size_t count,
                        struct arc_match *ranking);

/**
 * `arc_identify` for a probe that is given by its features, too.
 *
 * @param comparator an initialized comparator
 * @param probe the features of the image in question, `feature_bytes` long
 * @param supports as for `arc_identify`
 * @param count their number, at least 1
 * @param ranking output: as for `arc_identify`
 *
 * @return as `arc_identify`
 */
arc_status arc_identify_features(struct arc_comparator *comparator,
                                 const int8_t *probe,
                                 const int8_t *const *supports,
                                 size_t count,
                                 struct arc_match *ranking);

/**
 * The probability that two images of this logit are of one class, Q0.15: 32767 is certain.
 *
 * Stated for images that are as often of one class as not.
 *
 * @return 0 to 32767, or -1 if the comparator is not initialized or at work
 */
int16_t arc_probability(const struct arc_comparator *comparator, int32_t logit);

/**
 * Whether a pair's logit is enough for one class: at least the threshold that the model was
 * exported with.
 *
 * For the best of several supports give its `pair`; ARC_NO_PAIR, which an N-way model has for
 * want of a pair's score, is accepted.
 *
 * @return also false if the comparator is not initialized or at work
 */
bool arc_accepts(const struct arc_comparator *comparator, int32_t pair);

/**
 * A status in words, with the remedy: English, ending in a zero, never null, valid for ever.
 */
const char *arc_error_text(int32_t status);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* The library takes a comparator to be of this size; the compiler stops if it is not. */
typedef char arc_comparator_size_check
    [sizeof(arc_comparator) == 8 + ARC_COMPARATOR_POINTERS * sizeof(void *) ? 1 : -1];

#endif /* ARC_RUNTIME_H */
