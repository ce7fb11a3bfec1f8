internal import SmartCard
internal import Synchronization

/// What a reader is, whichever card is in it.
struct ReaderTraits: Hashable, Sendable {
    let kind: ReaderKind
    /// Whether a PIN can be entered on it.
    let hasKeypad: Bool

    /// All that a reader tells whose driver says nothing.
    init(name: String) { self.init(kind: ReaderKind(name: name), hasKeypad: false) }

    init(kind: ReaderKind, hasKeypad: Bool) {
        self.kind = kind
        self.hasKeypad = hasKeypad
    }
}

/// Finds out how readers are attached and which have a keypad, on a thread of its own: a driver that hangs then holds up nothing but this.
///
/// The driver is asked for its channel (PC/SC part 3, `SCARD_ATTR_CHANNEL_ID`) and its features (part 10) over a direct connection, which
/// neither needs a card nor touches one. Drivers that do not tell their channel are judged by the reader's name.
final class ReaderKinds: Sendable {
    private enum Knowledge {
        case asked
        case known(ReaderTraits)
    }

    private let manager: any ResourceManager
    private let onFound: @Sendable () -> Void
    private let thread = CardThread(name: "reader-kinds")
    private let readers = Mutex<[String: Knowledge]>([:])

    /// - Parameter onFound: called when something has become known.
    init(manager: any ResourceManager, onFound: @escaping @Sendable () -> Void) {
        self.manager = manager
        self.onFound = onFound
    }

    /// What is known now; the first question about a reader sends for the answer.
    func traits(of reader: String) -> ReaderTraits {
        let knowledge = readers.withLock { readers in
            defer { if readers[reader] == nil { readers[reader] = .asked } }
            return readers[reader]
        }
        switch knowledge {
        case .known(let traits): return traits
        case .asked: break
        case nil: thread.async { [self] in ask(reader) }
        }
        return ReaderTraits(name: reader)
    }

    /// Forgets readers that are gone: another device may come by their name.
    func keep(_ names: [String]) { readers.withLock { $0 = $0.filter { names.contains($0.key) } } }

    private func ask(_ reader: String) {
        do throws(PCSCError) {
            let context = try manager.establishContext()
            defer { manager.releaseContext(context) }
            let channel = try told { () throws(PCSCError) in try manager.channel(context, reader: reader) }
            let features = try told { () throws(PCSCError) in try manager.features(context, reader: reader) }
            let kind = channel.flatMap(ReaderKind.init(channel:)) ?? ReaderKind(name: reader)
            learn(ReaderTraits(kind: kind, hasKeypad: features.map(ReaderFeatures.init(answer:))?.verifyPINDirect != nil), reader)
        } catch {
            forget(reader)
        }
    }

    /// What the driver says; `nil` when it does not know the question.
    ///
    /// While a program has the reader for itself, or the service is away, there is no answer: asked again at the next look.
    private func told(_ question: () throws(PCSCError) -> [UInt8]) throws(PCSCError) -> [UInt8]? {
        do throws(PCSCError) {
            return try question()
        } catch {
            guard error != .sharingViolation, !error.isServiceLoss else { throw error }
            return nil
        }
    }

    private func learn(_ traits: ReaderTraits, _ reader: String) {
        let isNews = readers.withLock { readers in
            // The reader may have gone meanwhile.
            guard readers[reader] != nil else { return false }
            readers[reader] = .known(traits)
            return traits != ReaderTraits(name: reader)
        }
        if isNews { onFound() }
    }

    private func forget(_ reader: String) { readers.withLock { $0[reader] = nil } }
}

extension ReaderKind {
    /// What `SCARD_ATTR_CHANNEL_ID` says: in its upper half the kind of channel, 01 serial, 20 USB; four bytes in the machine's order,
    /// eight where a driver fills a long. `nil` for channels without a name here and for anything else.
    init?(channel: [UInt8]) {
        guard channel.count == 4 || channel.count == 8, channel.dropFirst(4).allSatisfy({ $0 == 0 }) else { return nil }
        switch UInt16(channel[3]) << 8 | UInt16(channel[2]) {
        case 0x0001: self = .serial
        case 0x0020: self = .usb
        default: return nil
        }
    }

    /// The last resort: virtual slots and readers across a network have no bus to be found on, but drivers that name them so.
    init(name: String) {
        let name = name.lowercased()
        let virtual = ["virtual", "vpcd", "vicc", "vsmartcard", "emulat", "simulat"]
        let network = ["network", "remote", "redirect", "rdp "]
        self = virtual.contains(where: name.contains) ? .virtual : network.contains(where: name.contains) ? .network : .unknown
    }
}
