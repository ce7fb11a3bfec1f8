package import Identity
package import Primitives

extension Caller {
    /// Whether this program may ask for a session at all: for that user of the machine, with that token.
    package func checkLogin(for wanted: UInt32?, _ token: TokenRequest?) throws(Refusal) {
        try client.check(.login)
        if let wanted, wanted != uid, uid != 0 {
            guard client.isConfigured else { throw Refusal(.forbidden) }
            try client.check(.loginFor)
        }
        if let token { try client.check(token) }
    }
}

extension SessionRegistry {
    /// A session may name as its forerunner only one of the same user and the same person: what was left unsaved there is theirs.
    package func checkForerunner(_ old: String, of holder: Holder, uid: UInt32, by caller: Caller) async throws(Refusal) {
        let owner = Caller(uid: uid, gid: caller.gid, pid: caller.pid)
        let session = try await sessionJSON(old, for: owner)
        guard session["uid"]?.int == Int64(uid), session["holder"]?["national_id"]?.string == holder.nationalID.text else {
            throw Refusal(.sessionNotFound)
        }
    }
}
