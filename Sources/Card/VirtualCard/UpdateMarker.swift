import SmartCard

/// EF_ACTUA: when the card's content was last updated, start (81) and end (82) as seven BCD bytes YYYYMMDDhhmmss.
enum UpdateMarker {
    private static let start = TLV(0x81, [0x20, 0x25, 0x03, 0x14, 0x09, 0x26, 0x53]).bytes
    private static let end = TLV(0x82, [0x20, 0x25, 0x03, 0x14, 0x09, 0x27, 0x58]).bytes

    static let complete = TLV(0xEC, start + end).bytes
    /// An update that was begun and not ended.
    static let interrupted = TLV(0xEC, start).bytes
}
