import ConfigurationFile
import Dispatch
import Foundation
import Logind
import Primitives
import Processes
import Workstation

/// Accounts and seats of this machine, as the configuration says.
enum WorkstationWiring {
    static func accounts(_ configuration: AgentConfiguration) -> LocalAccounts {
        let pam = configuration.pam
        guard pam.namesAccounts else { return .none }
        return LocalAccounts(
            LocalAccounts.Names(people: pam.people, rule: pam.rule, asksProgram: pam.command != nil, leastUID: pam.leastUID),
            users: SystemUsers(command: pam.command))
    }

    /// `nil` where anybody on this machine may use its cards.
    static func seat(_ configuration: AgentConfiguration) -> SeatGuard? {
        let readers = configuration.readers
        guard readers.seat == .active else { return nil }
        return SeatGuard(seat: readers.seatName, units: readers.units, seats: LogindSeats())
    }

    /// What the programs of the seat follow.
    static func policy(_ configuration: AgentConfiguration) -> JSON {
        let pam = configuration.pam
        return ["on_removal": .string(pam.onRemoval.rawValue), "grace": .int(pam.grace), "accounts": .bool(pam.namesAccounts)]
    }
}

/// The users that the C library knows, from files or a directory service, and the establishment's own program.
private struct SystemUsers: UserDatabase {
    private let queue = DispatchQueue(label: "cps-agent.users")
    private let program: ProgramRunner?

    /// Time for one answer of the program.
    private static let patience = Duration.seconds(3)
    /// More than any name has.
    private static let room = 1024

    init(command: [String]?) {
        program = command.map { ProgramRunner($0, name: "cps-agent.account", limit: Self.patience) }
    }

    func uid(of name: String) async throws(UserDatabaseFailure) -> UInt32? {
        let (failure, uid) = await queue.perform { () -> (Int32, UInt32?) in
            var (user, found) = (passwd(), UnsafeMutablePointer<passwd>?.none)
            var space = [CChar](repeating: 0, count: 65_536)
            let failure = getpwnam_r(name, &user, &space, space.count, &found)
            return (failure, found?.pointee.pw_uid)
        }
        // Several answers say that there is no such user (getpwnam_r(3)).
        guard [0, ENOENT, ESRCH, EBADF, EPERM].contains(failure) else {
            throw UserDatabaseFailure("the users of this machine cannot be looked up (\(String(cString: strerror(failure))))")
        }
        return failure == 0 ? uid : nil
    }

    func account(of person: String) async throws(UserDatabaseFailure) -> String? {
        guard let program else { return nil }
        do throws(ProgramFailure) {
            let (status, printed) = try await program.run(with: [person], room: Self.room)
            switch status {
            case 0: return String(decoding: printed, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            case 1: return nil
            default: throw ProgramFailure.unable("it ended with code \(status)")
            }
        } catch {
            let reason = if case .unable(let reason) = error { reason } else { "it takes too long" }
            throw UserDatabaseFailure("pam.accounts.command: \(reason)")
        }
    }
}

/// systemd-logind on the system bus.
private struct LogindSeats: Seats {
    private let queue = DispatchQueue(label: "cps-agent.seat")

    func active(at seat: String) async throws(SeatFailure) -> ActiveSession? {
        let (failure, id, uid) = await queue.perform { () -> (Int32, String, UInt32) in
            var (id, uid) = ([CChar](repeating: 0, count: 256), UInt32.max)
            let failure = logind_active_session(seat, &id, id.count, &uid)
            return (failure, id.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }, uid)
        }
        guard failure == 0 else { throw SeatFailure(String(cString: strerror(-failure))) }
        return id.isEmpty ? nil : ActiveSession(id: id, uid: uid)
    }
}
