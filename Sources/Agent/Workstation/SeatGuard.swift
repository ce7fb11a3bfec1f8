package import Primitives

/// Who sits at the screen: the session that is active at a seat, as systemd-logind has it.
package struct ActiveSession: Hashable, Sendable {
    package let id: String
    package let uid: UInt32

    package init(id: String, uid: UInt32) {
        self.id = id
        self.uid = uid
    }
}

package protocol Seats: Sendable {
    /// `nil` where nobody is at that seat. Throws where nobody can say.
    func active(at seat: String) async throws(SeatFailure) -> ActiveSession?
}

/// Why it cannot be said who is at a seat.
package struct SeatFailure: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// Lets only those use cards and give PINs who sit where the reader stands: whoever is logged in from afar could otherwise spend the tries
/// of a card that somebody left in its reader.
package struct SeatGuard: Sendable {
    private let seat: String
    private let units: [String]
    private let seats: any Seats

    /// - Parameters:
    ///   - units: system units that need no session; `@*.` in a name stands for every instance of a template.
    ///   - seats: whom to ask.
    package init(seat: String, units: [String], seats: any Seats) {
        self.seat = seat
        self.units = units
        self.seats = seats
    }

    /// - Parameters:
    ///   - uid: user of the program.
    ///   - programUnits: units it runs in, as its control group names them; empty where they are not known.
    package func check(uid: UInt32, units programUnits: Set<String>) async throws(Refusal) {
        guard !programUnits.contains(where: isListed) else { return }
        let active: ActiveSession?
        do throws(SeatFailure) {
            active = try await seats.active(at: seat)
        } catch {
            throw refusal("systemd-logind: \(error.reason)")
        }
        guard let active else { throw refusal("nobody is logged in there") }
        // Programs that a desktop starts run under the user's own manager, which belongs to no session.
        let isThere =
            programUnits.contains("session-\(active.id).scope") || uid == active.uid && programUnits.contains("user@\(uid).service")
        guard isThere else { throw refusal("the program does not belong to the session that is active there") }
    }

    private func isListed(_ unit: String) -> Bool {
        units.contains { pattern in
            let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let before = parts.first, let after = parts.last else { return pattern == unit }
            return unit.hasPrefix(before) && unit.hasSuffix(after) && unit.utf8.count > before.utf8.count + after.utf8.count
        }
    }

    private func refusal(_ detail: String) -> Refusal { Refusal(.notAtSeat, ["seat": .string(seat), "detail": .string(detail)]) }
}
