import OpenSSL
package import Primitives
import Synchronization

/// A CPS card in software: it answers commands byte for byte as a reader would carry them.
///
/// Codes and counters are stored before each answer, so that a card pulled and put back keeps them. What a real card forgets without
/// power (selections, verified codes, channels) is forgotten by ``powerOff()`` and ``reset()``. Safe to use from several threads.
package final class VirtualCard: Sendable {
    private struct State: Sendable {
        var content: CardContent
        var system: any OperatingSystem
        var transport: Transport
        var isPowered = false
        /// Another program verifies the holder's code whenever the card gets power.
        var isPINVerifiedByOthers = false
    }

    private let state: Mutex<State>
    package let generation: CardGeneration

    package var atr: [UInt8] { generation.atr }

    /// The card kept in this folder.
    package convenience init(
        folder path: String, random: any RandomSource = SystemRandom()
    ) throws(CardFolderError) {
        let folder = CardFolder(path)
        let description = try folder.description()
        let keys = try folder.keys(for: description.generation)
        try self.init(description, keys: keys, random: random, path: path) { (changed) throws(CardFolderError) in
            try folder.save(changed)
        }
    }

    /// A card that lives in memory alone and forgets everything with this value.
    package convenience init(
        _ description: CardDescription, keys: [CardKey], random: any RandomSource = SystemRandom()
    ) throws(CardFolderError) {
        try self.init(description, keys: keys, random: random, path: "memory") { (_) throws(CardFolderError) in }
    }

    private init(
        _ description: CardDescription, keys: [CardKey], random: any RandomSource, path: String,
        save: @escaping @Sendable (CardDescription) throws(CardFolderError) -> Void
    ) throws(CardFolderError) {
        let content: CardContent
        do throws(OpenSSLError) {
            content = try CardContent(description, keys, random: random, save: save)
        } catch {
            throw .malformed(path: path)
        }
        generation = description.generation
        let system: any OperatingSystem
        switch description.generation {
        case .cps3: system = IASECCSystem(isContactless: false, layout: content.layout)
        case .cps3Contactless: system = IASECCSystem(isContactless: true, layout: content.layout)
        case .cps4: system = ChipDocSystem(layout: content.layout)
        }
        let transport = Transport(description.generation == .cps3 ? .t0 : .t1, layout: content.layout)
        state = Mutex(State(content: content, system: system, transport: transport))
    }

    /// The card as it is now, counters included.
    package var description: CardDescription { state.withLock { $0.content.description } }

    package func powerOn() { restart(powered: true) }

    package func powerOff() { restart(powered: false) }

    /// A warm reset: as a power cycle.
    package func reset() { restart(powered: true) }

    /// One command, at most 261 bytes, and its answer: data and status word. Empty while the card has no power.
    package func transmit(_ command: [UInt8]) -> [UInt8] {
        state.withLock { state in
            guard state.isPowered else { return [] }
            var (content, system) = (state.content, state.system)
            let answer = state.transport.exchange(command, accepts: { system.accepts($0) }, perform: { system.perform($0, on: &content) })
            (state.content, state.system) = (content, system)
            return answer
        }
    }

    /// Sets the holder's tries left, 0 to 3, as if others had used them; false when that cannot be stored.
    @discardableResult
    package func setTriesLeft(_ tries: Int) -> Bool {
        state.withLock { state in
            state.content.update(.pin) { $0.triesLeft = min(max(tries, 0), $0.maximumTries) } != nil
        }
    }

    /// From now on every signature is wrong by one bit, or right again.
    package func setCorruptsSignatures(_ corrupts: Bool) { state.withLock { $0.content.corruptsSignatures = corrupts } }

    /// What SELECT tells in place of the size of each file; `nil` for the truth.
    package func setClaimedSize(_ size: Int?) { state.withLock { $0.content.claimedSize = size } }

    /// The content's last update has no end (on a CPS3, which alone tells of updates), or is as it was.
    package func setUpdateInterrupted(_ isInterrupted: Bool) {
        state.withLock { state in
            guard state.content.description.generation == .cps3 else { return }
            let complete = state.content.layout.isUpdated ? UpdateMarker.complete : nil
            state.content.files.setLastUpdate(isInterrupted ? UpdateMarker.interrupted : complete)
        }
    }

    /// Another program has verified the holder's code, now and after each reset; or none does any more.
    package func setPINVerifiedByOthers(_ isVerified: Bool) {
        state.withLock { state in
            state.isPINVerifiedByOthers = isVerified && state.content.description.generation != .cps3Contactless
            if state.isPINVerifiedByOthers { state.system.assumePINVerified() }
        }
    }

    private func restart(powered: Bool) {
        state.withLock { state in
            state.isPowered = powered
            state.system.reset()
            state.transport.reset()
            if state.isPINVerifiedByOthers { state.system.assumePINVerified() }
        }
    }
}
