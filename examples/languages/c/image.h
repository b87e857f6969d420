// Names of images and what mirrors make of them.

#ifndef IMAGE_H
#define IMAGE_H

#include <wellhead.h>

// The prefix that covers an image, and the image at the mirror. False when there is none.
bool mirrored(wh_str image, wh_json mirrors, wh_str *prefix, wh_str *at);

#endif
