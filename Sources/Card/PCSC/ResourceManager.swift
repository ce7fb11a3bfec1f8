package import SmartCard

/// The calls of the PC/SC resource manager that the agent makes (PC/SC part 5), so that tests can script what no machine can show at will.
///
/// Handles are plain numbers; whoever opens one closes it. Every call blocks its thread. One context is used by one thread at a time,
/// but for ``cancel(_:)``.
package protocol ResourceManager: Sendable {
    func establishContext() throws(PCSCError) -> Int
    func releaseContext(_ context: Int)
    /// Names of the readers, none when there are none.
    func readers(_ context: Int) throws(PCSCError) -> [String]
    /// Waits until one row differs from what is known, at most `milliseconds`. Gives false when the time ran out.
    func waitForChange(_ context: Int, _ rows: inout [ReaderRow], milliseconds: UInt32) throws(PCSCError) -> Bool
    /// Ends a wait on this context; not remembered when nobody waits.
    func cancel(_ context: Int)
    /// What the reader's driver says of its channel (`SCARD_ATTR_CHANNEL_ID`), without touching a card.
    func channel(_ context: Int, reader: String) throws(PCSCError) -> [UInt8]
    /// What the reader's driver says of its features (CM_IOCTL_GET_FEATURE_REQUEST), without touching a card.
    func features(_ context: Int, reader: String) throws(PCSCError) -> [UInt8]
    /// Opens a card for shared use under T=0 or T=1.
    func connect(_ context: Int, reader: String) throws(PCSCError) -> (card: Int, protocol: TransmissionProtocol)
    func beginTransaction(_ card: Int) throws(PCSCError)
    func transmit(_ card: Int, _ protocol: TransmissionProtocol, _ command: UnsafeRawBufferPointer) throws(PCSCError) -> [UInt8]
    /// The same of the reader that an open card is in.
    func features(_ card: Int) throws(PCSCError) -> [UInt8]
    /// Has the reader itself do something (PC/SC part 10); at most 264 bytes come back.
    func control(_ card: Int, _ code: UInt32, _ command: [UInt8]) throws(PCSCError) -> [UInt8]
    func endTransaction(_ card: Int, _ afterUse: AfterUse) throws(PCSCError)
    func disconnect(_ card: Int, _ afterUse: AfterUse)
}

/// One reader in a wait: what is known of it, and what was found.
package struct ReaderRow: Hashable, Sendable {
    package let name: String
    /// SCARD_STATE flags in the low half, the event counter in the high half.
    package var known: UInt32
    package var found: UInt32
    package var atr: [UInt8]

    package init(name: String, known: UInt32 = 0, found: UInt32 = 0, atr: [UInt8] = []) {
        self.name = name
        self.known = known
        self.found = found
        self.atr = atr
    }

    /// The pseudo-reader whose row changes when a reader is plugged or pulled.
    package static let plugAndPlay = #"\\?PnP?\Notification"#

    package var isUnknownReader: Bool { found & 0x0004 != 0 }
    package var isUnavailable: Bool { found & 0x0008 != 0 }
    package var isCardPresent: Bool { found & 0x0020 != 0 }
    package var isCardMute: Bool { found & 0x0200 != 0 }
    package var eventCount: UInt16 { UInt16(found >> 16) }
}
