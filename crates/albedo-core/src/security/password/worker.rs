//! The hash threads: Argon2id on memory that is used for one password after another, and given back after a quiet while.
//!
//! 19 MiB, two passes, one lane: what OWASP and ASVS ask at least. Nobody but [`super::Passwords`] comes here.

use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use aws_lc_rs::rand;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::oneshot;

use super::{PasswordError, Verdict};

/// Effort of the hashes we make.
const PARAMS: Params = match Params::new(19_456, 2, 1, Some(OUTPUT_LENGTH)) {
    Ok(params) => params,
    Err(_) => panic!("Argon2 takes these parameters"),
};
const OUTPUT_LENGTH: usize = 32;
const SALT_LENGTH: usize = 16;

/// A thread that nobody asks for this long gives its memory back: a server at rest needs no 19 MiB for passwords, while
/// allocating for each one would make a flood of logins grow the heap by gigabytes.
const QUIET: Duration = Duration::from_secs(10);

/// Most effort a stored hash may ask for. More than this is not a password hash of ours but an attack on our memory.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 10;
const MAX_LANES: u32 = 4;

pub(super) enum Job {
    Hash { password: SecretString, reply: oneshot::Sender<Result<String, PasswordError>> },
    Verify { password: SecretString, hash: String, reply: oneshot::Sender<Result<Verdict, PasswordError>> },
}

/// Starts the threads. They end when the last sender is dropped.
pub(super) fn start(threads: usize, queue: usize) -> Result<mpsc::SyncSender<Job>, PasswordError> {
    let (sender, receiver) = mpsc::sync_channel(queue);
    start_on(&Arc::new(Mutex::new(receiver)), threads)?;
    Ok(sender)
}

fn start_on(queue: &Arc<Mutex<mpsc::Receiver<Job>>>, threads: usize) -> Result<(), PasswordError> {
    for number in 1..=threads {
        let queue = Arc::clone(queue);
        thread::Builder::new().name(format!("albedo-hash-{number}")).spawn(move || work(&queue))?;
    }
    Ok(())
}

/// A well-formed hash of today's effort that no password has.
pub(super) fn unmatched_hash() -> Result<String, PasswordError> {
    phc(&random::<SALT_LENGTH>()?, &random::<OUTPUT_LENGTH>()?)
}

fn work(queue: &Mutex<mpsc::Receiver<Job>>) {
    let mut hasher = Hasher { memory: Vec::new() };
    loop {
        // The lock is held while waiting, so exactly one idle thread waits at the queue and the others behind it.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(QUIET);
        match job {
            Err(mpsc::RecvTimeoutError::Timeout) => hasher.rest(),
            Ok(Job::Hash { reply, .. }) if reply.is_closed() => {}
            Ok(Job::Verify { reply, .. }) if reply.is_closed() => {}
            // Whoever asked may have left meanwhile: then nobody misses the answer.
            Ok(Job::Hash { password, reply }) => drop(reply.send(hasher.hash(password.expose_secret()))),
            Ok(Job::Verify { password, hash, reply }) => {
                drop(reply.send(hasher.verify(password.expose_secret(), &hash)));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
    }
}

struct Hasher {
    memory: Vec<Block>,
}

impl Hasher {
    /// The memory, allocated if it was given back.
    fn memory(&mut self) -> &mut [Block] {
        if self.memory.is_empty() {
            self.memory.resize(PARAMS.block_count(), Block::new());
        }
        &mut self.memory
    }

    fn rest(&mut self) {
        self.memory = Vec::new();
    }

    fn hash(&mut self, password: &str) -> Result<String, PasswordError> {
        let salt = random::<SALT_LENGTH>()?;
        let mut output = [0; OUTPUT_LENGTH];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
            .hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, self.memory())
            .map_err(|error| PasswordError::Hashing(error.to_string()))?;
        phc(&salt, &output)
    }

    fn verify(&mut self, password: &str, stored: &str) -> Result<Verdict, PasswordError> {
        let stored = Stored::parse(stored)?;
        let mut output = vec![0; stored.output.len()];
        let argon2 = Argon2::new(stored.algorithm, stored.version, stored.params.clone());
        let (password, salt) = (password.as_bytes(), stored.salt.as_ref());
        let hashed = if stored.params.block_count() <= PARAMS.block_count() {
            argon2.hash_password_into_with_memory(password, salt, &mut output, self.memory())
        } else {
            // A hash of more effort than today's is rare, and the extra memory goes back after it.
            argon2.hash_password_into(password, salt, &mut output)
        };
        hashed.map_err(|error| PasswordError::Hashing(error.to_string()))?;
        let output = Output::new(&output).map_err(|_| PasswordError::Hash("its output has no usable length"))?;
        // `Output` compares in constant time.
        Ok(match output == stored.output {
            false => Verdict::Wrong,
            true if stored.is_outdated() => Verdict::RightButOutdated,
            true => Verdict::Right,
        })
    }
}

/// A stored hash that is fit to be verified.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    fn parse(text: &str) -> Result<Self, PasswordError> {
        let hash = PasswordHash::new(text).map_err(|_| PasswordError::Hash("it is not a PHC string"))?;
        let algorithm =
            Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| PasswordError::Hash("it is not from Argon2"))?;
        let version = match hash.version {
            Some(version) => Version::try_from(version),
            None => Ok(Version::V0x10),
        };
        let version = version.map_err(|_| PasswordError::Hash("its version of Argon2 is unknown"))?;
        let params = Params::try_from(&hash).map_err(|_| PasswordError::Hash("its parameters cannot be read"))?;
        if params.m_cost() > MAX_MEMORY_KIB || params.t_cost() > MAX_PASSES || params.p_cost() > MAX_LANES {
            return Err(PasswordError::Hash("its parameters ask for too much memory or time"));
        }
        match (hash.salt, hash.hash) {
            (Some(salt), Some(output)) => Ok(Self { algorithm, version, params, salt, output }),
            _ => Err(PasswordError::Hash("it has no salt or no output")),
        }
    }

    fn is_outdated(&self) -> bool {
        self.algorithm != Algorithm::Argon2id
            || self.version != Version::V0x13
            || self.params.m_cost() < PARAMS.m_cost()
            || self.params.t_cost() < PARAMS.t_cost()
            || self.output.len() < OUTPUT_LENGTH
    }
}

fn phc(salt: &[u8], output: &[u8]) -> Result<String, PasswordError> {
    let parts = || {
        Some(PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&PARAMS).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(Output::new(output).ok()?),
        })
    };
    parts()
        .map(|hash| hash.to_string())
        .ok_or_else(|| PasswordError::Hashing("its parts make no PHC string".to_owned()))
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], PasswordError> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| PasswordError::Hashing("the system gives no random bytes".to_owned()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::{sync::Weak, time::Instant};

    use super::*;

    const PASSWORD: &str = "seven wet seals";

    fn hasher() -> Hasher {
        Hasher { memory: Vec::new() }
    }

    /// A hash as an older installation, or an attacker, may have stored it.
    fn stored(algorithm: Algorithm, version: Version, params: &Params) -> String {
        let (salt, mut output) = ([7; SALT_LENGTH], [0; OUTPUT_LENGTH]);
        let argon2 = Argon2::new(algorithm, version, params.clone());
        argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut output).unwrap();
        let hash = PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: ParamsString::try_from(params).unwrap(),
            salt: Some(Salt::new(&salt).unwrap()),
            hash: Some(Output::new(&output).unwrap()),
        };
        hash.to_string()
    }

    #[test]
    fn a_hash_is_a_phc_string_with_a_salt_of_its_own() {
        let (one, other) = (hasher().hash(PASSWORD).unwrap(), hasher().hash(PASSWORD).unwrap());
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn one_memory_serves_one_password_after_another() {
        let mut hasher = hasher();
        let hash = hasher.hash(PASSWORD).unwrap();
        assert_eq!(hasher.verify("another password", &hash).unwrap(), Verdict::Wrong);
        hasher.rest();
        assert_eq!(hasher.verify(PASSWORD, &hash).unwrap(), Verdict::Right);
        assert_eq!(hasher.verify(PASSWORD, &unmatched_hash().unwrap()).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn a_hash_is_verified_with_its_own_effort_and_outdated_when_that_is_less() {
        let params = |memory, passes| Params::new(memory, passes, 1, Some(OUTPUT_LENGTH)).unwrap();
        for (algorithm, version, params, expected) in [
            (Algorithm::Argon2id, Version::V0x13, params(19_456, 2), Verdict::Right),
            (Algorithm::Argon2id, Version::V0x13, params(32_768, 3), Verdict::Right),
            (Algorithm::Argon2id, Version::V0x13, params(12_288, 3), Verdict::RightButOutdated),
            (Algorithm::Argon2id, Version::V0x13, params(19_456, 1), Verdict::RightButOutdated),
            (Algorithm::Argon2id, Version::V0x10, params(19_456, 2), Verdict::RightButOutdated),
            (Algorithm::Argon2i, Version::V0x13, params(19_456, 2), Verdict::RightButOutdated),
        ] {
            let hash = stored(algorithm, version, &params);
            assert_eq!(hasher().verify(PASSWORD, &hash).unwrap(), expected, "{hash}");
            assert_eq!(hasher().verify("another password", &hash).unwrap(), Verdict::Wrong, "{hash}");
        }
    }

    #[test]
    fn a_hash_that_is_none_or_asks_for_absurd_effort_is_refused() {
        let rest = "$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for bad in [
            String::new(),
            PASSWORD.to_owned(),
            "$2b$12$abcdefghijklmnopqrstuv".to_owned(),
            format!("$scrypt$ln=15,r=8,p=1{rest}"),
            format!("$argon2id$v=99$m=19456,t=2,p=1{rest}"),
            format!("$argon2id$v=19$m=4294967295,t=2,p=1{rest}"),
            format!("$argon2id$v=19$m=65537,t=2,p=1{rest}"),
            format!("$argon2id$v=19$m=19456,t=4000000000,p=1{rest}"),
            format!("$argon2id$v=19$m=19456,t=2,p=200{rest}"),
            format!("$argon2id$v=19$m=19456,t=2,p=1,q=3{rest}"),
            "$argon2id$v=19$m=19456,t=2,p=1".to_owned(),
            "$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw".to_owned(),
        ] {
            assert!(matches!(hasher().verify(PASSWORD, &bad), Err(PasswordError::Hash(_))), "{bad}");
        }
    }

    #[test]
    fn the_threads_end_with_the_last_sender() {
        let (sender, receiver) = mpsc::sync_channel(1);
        let receiver = Arc::new(Mutex::new(receiver));
        let seen: Weak<_> = Arc::downgrade(&receiver);
        start_on(&receiver, 2).unwrap();
        drop(receiver);
        assert!(seen.upgrade().is_some());
        drop(sender);
        let deadline = Instant::now() + Duration::from_secs(10);
        while seen.upgrade().is_some() {
            assert!(Instant::now() < deadline, "the threads still run");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    #[ignore = "a measurement: cargo test --release -p albedo-core -- --ignored --nocapture measured"]
    fn measured_time_of_a_hash() {
        let mut hasher = hasher();
        let hash = hasher.hash(PASSWORD).unwrap();
        let start = Instant::now();
        for _ in 0..50 {
            hasher.verify(PASSWORD, &hash).unwrap();
        }
        println!("verify a password: {:?}", start.elapsed() / 50);
    }
}
