package io.cybershield.evtx;

/** The values that fill one template instance: where they lie in the chunk, not yet decoded. */
record Values(int[] offsets, int[] sizes, byte[] types) {

    static final Values NONE = new Values(new int[0], new int[0], new byte[0]);

    static Values of(int offset, int size, int type) {
        return new Values(new int[] {offset}, new int[] {size}, new byte[] {(byte) type});
    }

    int count() {
        return offsets.length;
    }

    int type(int index) {
        return types[index] & 0xff;
    }
}
