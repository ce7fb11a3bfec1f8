internal import Primitives
internal import SmartCard

/// What the monitor remembers between two waits: readers, their flags, and the insertion in each.
struct ReaderBoard {
    private let random: any RandomSource
    private var known: [String: (row: ReaderRow, state: ReaderState)] = [:]
    private var plug = ReaderRow(name: ReaderRow.plugAndPlay)
    private var told: ReaderSnapshot?

    /// One wait takes at most this many rows, and the service as many readers (PCSCLITE_MAX_READERS_CONTEXTS).
    private static let mostReaders = 16

    init(random: any RandomSource) { self.random = random }

    /// Whether every reader has been looked at at least once, so that a wait may take long.
    var isSettled: Bool { known.values.allSatisfy { $0.row.known != 0 } }

    /// What to wait for. When all readers that there can be are here, no other one is waited for.
    var rows: [ReaderRow] {
        let readers = known.values.map(\.row).sorted { $0.name < $1.name }
        return readers.count < Self.mostReaders ? [plug] + readers : readers
    }

    /// Takes in which readers there are now.
    mutating func list(_ names: [String], traits: (String) -> ReaderTraits) {
        let present = names.prefix(Self.mostReaders)
        for name in known.keys where !present.contains(name) { known[name] = nil }
        for name in present {
            let before = known[name]
            let traits = traits(name)
            let state = ReaderState(
                name: name, kind: traits.kind, hasKeypad: traits.hasKeypad, presence: before?.state.presence ?? .absent)
            known[name] = (before?.row ?? ReaderRow(name: name), state)
        }
    }

    /// Takes in what a wait found.
    mutating func take(_ rows: [ReaderRow]) {
        for var row in rows {
            row.known = row.found & ~0x0002
            if row.name == ReaderRow.plugAndPlay {
                plug.known = row.known
            } else if row.isUnknownReader || row.isUnavailable {
                known[row.name] = nil
            } else if var state = known[row.name]?.state {
                state.presence = presence(in: row, before: state)
                known[row.name] = (row, state)
            }
        }
    }

    /// The snapshot, when it differs from the last one told.
    mutating func news() -> ReaderSnapshot? {
        let readers = known.values.map(\.state).sorted { $0.name < $1.name }
        let snapshot = ReaderSnapshot(monitoring: .running, readers: readers)
        guard isSettled, snapshot != told else { return nil }
        told = snapshot
        return snapshot
    }

    /// The same stay goes on only while PC/SC has counted nothing: out and in again raises the counter by two.
    private func presence(in row: ReaderRow, before: ReaderState) -> CardPresence {
        guard row.isCardPresent else { return .absent }
        guard !row.isCardMute, !row.atr.isEmpty else { return .mute }
        if let insertion = before.presence.insertion, insertion.eventCount == row.eventCount, insertion.atr == row.atr {
            return before.presence
        }
        return .present(Insertion(id: random.opaqueID(), reader: row.name, eventCount: row.eventCount, atr: row.atr))
    }
}
