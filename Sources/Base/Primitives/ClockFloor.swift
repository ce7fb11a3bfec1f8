internal import Synchronization

/// The latest time that somebody trusted has signed: the wall clock cannot be right while it shows an earlier one.
///
/// It is kept in a file, so that a clock that was set back while the machine was off is found out.
package final class ClockFloor: Sendable {
    private struct State {
        var floor: Timestamp?
        var written: Timestamp?
    }

    /// `nil`: in memory only.
    private let path: String?
    private let time: any TimeSource
    private let state: Mutex<State>

    /// Clocks of authorities and ours may differ by so many seconds.
    private static let tolerance: Int64 = 300
    /// The file is written anew when the floor has risen by so many seconds.
    private static let step: Int64 = 600

    /// A file that is not there, or cannot be read, is no floor.
    package init(path: String? = nil, time: any TimeSource) {
        self.path = path
        self.time = time
        let text = path.flatMap { path in try? PlainFile.contents(path, limit: 64) }
        let kept = text.flatMap { Timestamp(String(decoding: $0.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) }
        state = Mutex(State(floor: kept, written: kept))
    }

    package var floor: Timestamp? { state.withLock { $0.floor } }

    /// The time to judge certificates, lists and answers at: what has expired does not become valid by setting the clock back.
    package func floored(_ now: Timestamp) -> Timestamp { max(now, floor ?? now) }

    /// How many seconds the wall clock is behind the floor; `nil` when it is not, or no more than clocks may differ.
    package var secondsBehind: Int64? {
        guard let floor else { return nil }
        let behind = floor.seconds - time.now().seconds
        return behind > Self.tolerance ? behind : nil
    }

    /// Takes in a time that a trusted authority has signed. One from the future counts for nothing: a single wrong date would else make
    /// every card an expired one for good.
    package func raise(to signed: Timestamp) {
        let now = time.now()
        let isNews: Bool = state.withLock { state in
            guard signed <= max(now, state.floor ?? now).advanced(bySeconds: Self.tolerance),
                signed > state.floor ?? signed.advanced(bySeconds: -1)
            else { return false }
            state.floor = signed
            guard path != nil, signed >= state.written?.advanced(bySeconds: Self.step) ?? signed else { return false }
            state.written = signed
            return true
        }
        guard isNews, let path else { return }
        do throws(FileError) {
            try PlainFile.replace(path, Array("\(signed)\n".utf8))
        } catch {
            // Tried again with the next signed time.
            state.withLock { $0.written = nil }
        }
    }
}

/// The clocks, with a wall clock that never shows a time before the floor: for judging what others have signed, never for traces.
package struct FlooredTime: TimeSource {
    private let base: any TimeSource
    private let floor: ClockFloor

    package init(_ base: any TimeSource, _ floor: ClockFloor) {
        self.base = base
        self.floor = floor
    }

    package func now() -> Timestamp { floor.floored(base.now()) }
    package func sinceBoot() -> Duration { base.sinceBoot() }
    package func awake() -> Duration { base.awake() }
}
